import type { ServiceName } from '../service-names.js'
import type { CreateService } from './service.js'

/** A process loads the services that it runs, and no other: what is loaded and never used has to be explained. */
const LOAD: Readonly<Record<ServiceName, () => Promise<CreateService>>> = {
  auth: async () => (await import('./auth/index.js')).createAuthService,
  customer: async () => (await import('./customer/index.js')).createCustomerService,
  'sales-activity': async () => (await import('./sales-activity/index.js')).createSalesActivityService,
  opportunity: async () => (await import('./opportunity/index.js')).createOpportunityService,
  analytics: async () => (await import('./analytics/index.js')).createAnalyticsService,
}

/** What makes a service. */
export function loadService(name: ServiceName): Promise<CreateService> {
  return LOAD[name]()
}
