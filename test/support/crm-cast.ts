/** Somebody who signs in. */
export interface CrmUser {
  readonly id: number
  readonly token: string
}

/** Who and what there is, or was, in a CRM under load. */
export interface CrmCast {
  readonly admin: CrmUser
  /** Of the seed, the admin among them; nobody deletes these. */
  readonly staff: readonly CrmUser[]
  readonly users: CrmUser[]
  readonly customers: number[]
  readonly approvals: number[]
}

/** A cached route, and who asks for it. */
export interface CachedRoute {
  readonly path: string
  readonly token: string
}

const DAY_MS = 86_400_000

/** All that the services cache about the cast; what has been deleted is among it. */
export function cachedRoutesOf({ admin, staff, users, customers, approvals }: CrmCast): CachedRoute[] {
  const everybody = [...staff, ...users]
  const [from, to] = [-120, 1].map((days) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10))
  const shared = [
    '/api/customers/count',
    '/api/tasks/overdue',
    ...['', '?page=2', '?page=3', '?industry=energy', '?industry=unknown'].map(
      (query) => `/api/customers${query}`,
    ),
    ...customers.map((id) => `/api/customers/${id}`),
    ...['', '?page=2'].map((query) => `/api/users${query}`),
    ...everybody.map(({ id }) => `/api/users/${id}`),
    ...approvals.map((id) => `/api/approvals/${id}/history`),
    ...['sales', 'customers', 'activities'].map(
      (type) => `/api/reports/${type}?startDate=${from}&endDate=${to}`,
    ),
  ]
  const own = [
    ...['', '?status=PENDING', '?status=COMPLETED'].map((query) => `/api/tasks${query}`),
    '/api/meetings/upcoming',
    '/api/approvals/pending',
    '/api/analytics/dashboard',
    '/api/notifications/unread',
  ]
  return [
    ...shared.map((path) => ({ path, token: admin.token })),
    ...[...staff, ...users.slice(0, 6)].flatMap(({ token }) => own.map((path) => ({ path, token }))),
  ]
}
