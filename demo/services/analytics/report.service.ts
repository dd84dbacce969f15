import { Prisma, type PrismaClient } from '../../prisma/generated/client.js'
import type { ReportRequest, ReportType } from './report.dto.js'

const DAY_MS = 86_400_000

/** Part of a Prisma condition: from the start of the first day to the end of the last, in UTC. */
interface Period {
  readonly gte: Date
  readonly lt: Date
}

type Figures = Record<string, unknown>

export type Report = ReportRequest & Figures & { generatedAt: Date }

export class ReportService {
  private readonly figures: Record<ReportType, (period: Period) => Promise<Figures>> = {
    sales: (period) => this.sales(period),
    customers: (period) => this.customers(period),
    activities: (period) => this.activities(period),
  }

  constructor(private readonly prisma: PrismaClient) {}

  async of({ type, startDate, endDate }: ReportRequest): Promise<Report> {
    const figures = await this.figures[type](periodOf(startDate, endDate))
    return { type, startDate, endDate, ...figures, generatedAt: new Date() }
  }

  private async sales(createdAt: Period): Promise<Figures> {
    const groups = await this.prisma.opportunity.groupBy({
      by: 'stage',
      where: { createdAt },
      orderBy: { stage: 'asc' },
      _count: true,
      _sum: { amount: true },
    })
    const byStage = groups.map(({ stage, _count, _sum }) => ({
      stage,
      opportunities: _count,
      amount: _sum.amount?.toNumber() ?? 0,
    }))
    // Added up as decimals: a sum of doubles would be off by fractions of a cent.
    const amount = groups.reduce((total, { _sum }) => total.add(_sum.amount ?? 0), new Prisma.Decimal(0))
    return {
      opportunities: sum(byStage.map(({ opportunities }) => opportunities)),
      amount: amount.toNumber(),
      byStage,
    }
  }

  private async customers(createdAt: Period): Promise<Figures> {
    const groups = await this.prisma.customer.groupBy({
      by: 'industry',
      where: { createdAt },
      orderBy: { industry: 'asc' },
      _count: true,
    })
    const byIndustry = groups.map(({ industry, _count }) => ({ industry, customers: _count }))
    return { customers: sum(byIndustry.map(({ customers }) => customers)), byIndustry }
  }

  private async activities(period: Period): Promise<Figures> {
    const [tasksCreated, tasksCompleted, meetings] = await Promise.all([
      this.prisma.task.count({ where: { createdAt: period } }),
      this.prisma.task.count({ where: { completedAt: period } }),
      this.prisma.meeting.count({ where: { scheduledAt: period } }),
    ])
    return { tasksCreated, tasksCompleted, meetings }
  }
}

function periodOf(startDate: string, endDate: string): Period {
  return { gte: new Date(startDate), lt: new Date(Date.parse(endDate) + DAY_MS) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
