import type { ServiceName } from '../service-names.js'
import { createAnalyticsService } from './analytics/index.js'
import { createAuthService } from './auth/index.js'
import { createCustomerService } from './customer/index.js'
import { createOpportunityService } from './opportunity/index.js'
import { createSalesActivityService } from './sales-activity/index.js'
import type { CreateService } from './service.js'

export const createService: Readonly<Record<ServiceName, CreateService>> = {
  auth: createAuthService,
  customer: createCustomerService,
  'sales-activity': createSalesActivityService,
  opportunity: createOpportunityService,
  analytics: createAnalyticsService,
}
