import { found, foundByWrite, requireReference } from '../../database/errors.js'
import { presentFields, requireChanges } from '../../http/changes.js'
import { type Page, type Pagination, paginationOf, windowOf } from '../../http/query.js'
import type { Outbox } from '../../outbox/outbox.js'
import type { PrismaClient } from '../../prisma/generated/client.js'
import type { CreateCustomerBody, UpdateCustomerBody } from './customer.dto.js'

const SHOWN = { id: true, name: true, email: true, industry: true, userId: true, createdAt: true } as const
const NEWEST_FIRST = [{ createdAt: 'desc' as const }, { id: 'desc' as const }]

export interface ShownCustomer {
  id: number
  name: string
  email: string
  industry: string
  userId: number | null
  createdAt: Date
}

/** A new user, as the event tells it. */
export interface NewUser {
  readonly eventId: string
  readonly userId: number
  readonly email: string
  readonly name: string
}

export class CustomerService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly outbox: Outbox,
  ) {}

  /** @param industry - `all` means any, as in the key of the list. */
  async list(page: Page, industry = 'all'): Promise<{ customers: ShownCustomer[]; pagination: Pagination }> {
    const where = industry === 'all' ? {} : { industry }
    const [customers, total] = await Promise.all([
      this.prisma.customer.findMany({ where, select: SHOWN, orderBy: NEWEST_FIRST, ...windowOf(page) }),
      this.prisma.customer.count({ where }),
    ])
    return { customers, pagination: paginationOf(page, total) }
  }

  newest(count: number): Promise<ShownCustomer[]> {
    return this.prisma.customer.findMany({ select: SHOWN, orderBy: NEWEST_FIRST, take: count })
  }

  async count(): Promise<{ count: number }> {
    return { count: await this.prisma.customer.count() }
  }

  async get(id: number): Promise<ShownCustomer> {
    return found(await this.prisma.customer.findUnique({ where: { id }, select: SHOWN }), 'customer')
  }

  async create({ name, email, industry, userId = null }: CreateCustomerBody): Promise<ShownCustomer> {
    await this.requireUser(userId)
    const data = { name, email, industry, userId }
    return this.outbox.transaction(async (tx, publish) => {
      const customer = await tx.customer.create({ data, select: SHOWN })
      await publish('customer.events', 'CUSTOMER_CREATED', { customerId: customer.id })
      return customer
    })
  }

  /** An event that is delivered twice creates one customer. */
  async createForUser({ eventId, userId, email, name }: NewUser): Promise<void> {
    await this.outbox.once(eventId, 'customer.createForUser', async (tx, publish) => {
      const data = { name, email, industry: 'unknown', userId }
      const customer = await tx.customer.create({ data, select: { id: true } })
      await publish('customer.events', 'CUSTOMER_CREATED', { customerId: customer.id })
    })
  }

  async update(id: number, changes: UpdateCustomerBody): Promise<ShownCustomer> {
    requireChanges(changes)
    await this.requireUser(changes.userId)
    const { name, email, industry, userId } = changes
    const data = presentFields({ name, email, industry, userId })
    return this.outbox.transaction(async (tx, publish) => {
      const update = tx.customer.update({ where: { id }, data, select: SHOWN })
      const customer = await foundByWrite(update, 'customer')
      await publish('customer.events', 'CUSTOMER_UPDATED', { customerId: id })
      return customer
    })
  }

  /** Opportunities keep the number of a customer who is gone: past sales stay in the books. */
  async delete(id: number): Promise<void> {
    await this.outbox.transaction(async (tx, publish) => {
      await foundByWrite(tx.customer.delete({ where: { id } }), 'customer')
      await publish('customer.events', 'CUSTOMER_DELETED', { customerId: id })
    })
  }

  /** @returns The customers that belonged to the user; undefined if the event came before: they are not to be known then. */
  async forgetUser(eventId: string, userId: number): Promise<number[] | undefined> {
    const customers = await this.outbox.once(eventId, 'customer.forgetUser', (tx) =>
      tx.customer.updateManyAndReturn({ where: { userId }, data: { userId: null }, select: { id: true } }),
    )
    return customers?.map(({ id }) => id)
  }

  private async requireUser(id: number | null | undefined): Promise<void> {
    if (id == null) return
    await requireReference('userId', this.prisma.user.findUnique({ where: { id }, select: { id: true } }))
  }
}
