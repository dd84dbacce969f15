import type { Person } from './messages.js'

/** One request of a walk. */
export interface Visit {
  /** The route as declared: what figures are kept by. */
  readonly route: string
  readonly path: string
}

/** What one connection asks for, over and over. */
export interface Walk {
  /** Who asks, as an index into the people. */
  readonly person: number
  readonly visits: readonly Visit[]
}

/** Reads one answer of the demo, as the person. */
export type Read = <Body>(person: number, path: string) => Promise<Body>

interface Customer {
  readonly id: number
  readonly industry: string
}

const DAY_MS = 86_400_000
const CUSTOMERS_PER_WALK = 8

/**
 * Plans a walk through the CRM for each connection: over all routes that the guide caches, as one of the
 * people, with customers of its own.
 *
 * @param read - Finds what there is to ask for.
 */
export async function planWalks(connections: number, people: readonly Person[], read: Read): Promise<Walk[]> {
  const { customers } = await read<{ customers: Customer[] }>(0, '/api/customers?limit=100')
  const approvals = await Promise.all(
    people.map((_, person) => read<{ id: number }[]>(person, '/api/approvals/pending')),
  )
  return Array.from({ length: connections }, (_, connection) => {
    const person = connection % people.length
    const first = connection * CUSTOMERS_PER_WALK
    const own = Array.from({ length: CUSTOMERS_PER_WALK }, (_, index) => {
      return customers[(first + index) % customers.length] as Customer
    })
    const visits = visitsOf(people[person] as Person, own, approvals[person]?.[0]?.id)
    // Connections that began at the same place would ask for the same at the same time.
    const start = Math.floor((connection * visits.length) / connections)
    return { person, visits: [...visits.slice(start), ...visits.slice(0, start)] }
  })
}

/** A morning in the CRM: the dashboard comes up between the other pages, a customer after a list. */
function visitsOf({ id, role }: Person, customers: readonly Customer[], approvalId?: number): Visit[] {
  const plain = (path: string): Visit => ({ route: path, path })
  const list = (query: string): Visit => ({ route: '/api/customers', path: `/api/customers${query}` })
  const customer = (index: number): Visit => {
    return { route: '/api/customers/:id', path: `/api/customers/${customers[index]?.id}` }
  }
  const dashboard = plain('/api/analytics/dashboard')
  const notifications = plain('/api/notifications/unread')
  return [
    dashboard,
    notifications,
    { route: '/api/tasks', path: '/api/tasks?status=PENDING' },
    plain('/api/tasks/overdue'),
    plain('/api/meetings/upcoming'),
    list(''),
    customer(0),
    customer(1),
    customer(2),
    list('?page=2'),
    customer(3),
    customer(4),
    dashboard,
    list(`?industry=${encodeURIComponent(customers[0]?.industry ?? 'all')}`),
    customer(5),
    customer(6),
    customer(7),
    plain('/api/customers/count'),
    plain('/api/approvals/pending'),
    ...(approvalId
      ? [{ route: '/api/approvals/:id/history', path: `/api/approvals/${approvalId}/history` }]
      : []),
    dashboard,
    notifications,
    ...['sales', 'customers', 'activities'].map(reportOf),
    { route: '/api/users/:id', path: `/api/users/${id}` },
    ...(role === 'admin' ? [plain('/api/users')] : []),
  ]
}

/** About the last three months. */
function reportOf(type: string): Visit {
  const [startDate, endDate] = [dayOf(Date.now() - 90 * DAY_MS), dayOf(Date.now())]
  return {
    route: '/api/reports/:type',
    path: `/api/reports/${type}?startDate=${startDate}&endDate=${endDate}`,
  }
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10)
}
