import type { PrismaClient } from './prisma/generated/client.js'
import type { ServiceName } from './service-names.js'

/** A cached read that nothing has warmed, and a write that evicts it. */
export interface Tour {
  readonly read: string
  readonly write: { readonly method: 'POST' | 'PUT'; readonly path: string; readonly body?: object }
}

type FindTour = (prisma: PrismaClient, adminId: number) => Promise<Tour>

/** What to try first; of all services, the customers'. */
export function tourOf(
  services: readonly ServiceName[],
  prisma: PrismaClient,
  adminId: number,
): Promise<Tour> {
  const [only] = services
  return tours[services.length === 1 && only ? only : 'customer'](prisma, adminId)
}

const tours: Readonly<Record<ServiceName, FindTour>> = {
  auth: async (_prisma, adminId) => ({
    read: '/api/users',
    write: { method: 'PUT', path: `/api/users/${adminId}`, body: { name: 'Ada the Admin' } },
  }),

  // The list: single customers are warmed at start, so theirs would be a HIT at once.
  customer: async (prisma) => {
    const customer = await prisma.customer.findFirst({ orderBy: { id: 'desc' } })
    const read = '/api/customers?limit=3'
    if (customer) {
      return {
        read,
        write: { method: 'PUT', path: `/api/customers/${customer.id}`, body: { industry: 'energy' } },
      }
    }
    const body = { name: 'First Works', email: 'office@first-works.example', industry: 'energy' }
    return { read, write: { method: 'POST', path: '/api/customers', body } }
  },

  'sales-activity': async () => ({
    read: '/api/tasks?status=PENDING',
    write: { method: 'POST', path: '/api/tasks', body: { title: 'Call back', dueDate: '2030-01-31' } },
  }),

  opportunity: async (prisma, adminId) => {
    const opportunity = await prisma.opportunity.findFirst({ orderBy: { id: 'desc' } })
    const body = { opportunityId: opportunity?.id ?? 1, approverId: adminId }
    return { read: '/api/approvals/pending', write: { method: 'POST', path: '/api/approvals', body } }
  },

  analytics: async (prisma, userId) => {
    const unread = await prisma.notification.findFirst({ where: { userId, readAt: null } })
    const path = `/api/notifications/${unread?.id ?? 1}/read`
    return { read: '/api/notifications/unread', write: { method: 'POST', path } }
  },
}
