import type { ServiceName } from '../service-names.js'

/** Which paths are whose: what begins with one of them is for that service. */
export const SERVICE_PATHS: Readonly<Record<ServiceName, readonly string[]>> = {
  // Whoever signs people in lets the admin in.
  auth: ['/api/auth', '/api/users', '/admin'],
  customer: ['/api/customers'],
  'sales-activity': ['/api/tasks', '/api/meetings'],
  opportunity: ['/api/approvals', '/api/opportunities'],
  analytics: ['/api/analytics', '/api/reports', '/api/notifications'],
}
