export { cacheDashboard } from './cache-dashboard.js'
export type { DashboardOptions } from './dashboard-options.js'
