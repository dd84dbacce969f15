import { foundByWrite, requireReference } from '../../database/errors.js'
import { presentFields, requireChanges } from '../../http/changes.js'
import { type Page, type Pagination, paginationOf, windowOf } from '../../http/query.js'
import type { Outbox } from '../../outbox/outbox.js'
import type { Opportunity, PrismaClient } from '../../prisma/generated/client.js'
import type { CreateOpportunityBody, UpdateOpportunityBody } from './opportunity.dto.js'

export type ShownOpportunity = Omit<Opportunity, 'amount'> & { amount: number }

export class OpportunityService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly outbox: Outbox,
  ) {}

  async list(page: Page): Promise<{ opportunities: ShownOpportunity[]; pagination: Pagination }> {
    const [opportunities, total] = await Promise.all([
      this.prisma.opportunity.findMany({
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        ...windowOf(page),
      }),
      this.prisma.opportunity.count(),
    ])
    return { opportunities: opportunities.map(show), pagination: paginationOf(page, total) }
  }

  async create(body: CreateOpportunityBody): Promise<ShownOpportunity> {
    const { title, amount, customerId, stage } = body
    await this.requireCustomer(customerId)
    const data = { title, amount, customerId, ...presentFields({ stage }) }
    const opportunity = await this.outbox.transaction(async (tx, publish) => {
      const created = await tx.opportunity.create({ data })
      await publish('opportunity.events', 'OPPORTUNITY_CREATED', { opportunityId: created.id })
      return created
    })
    return show(opportunity)
  }

  async update(id: number, changes: UpdateOpportunityBody): Promise<ShownOpportunity> {
    requireChanges(changes)
    const { title, amount, customerId, stage } = changes
    if (customerId !== undefined) await this.requireCustomer(customerId)
    const data = presentFields({ title, amount, customerId, stage })
    const opportunity = await this.outbox.transaction(async (tx, publish) => {
      const updated = await foundByWrite(tx.opportunity.update({ where: { id }, data }), 'opportunity')
      await publish('opportunity.events', 'OPPORTUNITY_UPDATED', { opportunityId: id })
      return updated
    })
    return show(opportunity)
  }

  private requireCustomer(id: number): Promise<void> {
    const customer = this.prisma.customer.findUnique({ where: { id }, select: { id: true } })
    return requireReference('customerId', customer)
  }
}

/** As a number: at most two decimals and twelve digits, which a double holds exactly enough. */
function show(opportunity: Opportunity): ShownOpportunity {
  return { ...opportunity, amount: opportunity.amount.toNumber() }
}
