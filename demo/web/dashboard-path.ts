/** Where the dashboard of the cache is, behind its guard. */
export const DASHBOARD_PATH = '/admin/cache/'
