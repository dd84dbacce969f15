import type { PrismaClient } from '../../prisma/generated/client.js'

export interface Dashboard {
  totalCustomers: number
  activeTasks: number
  completedTasks: number
  upcomingMeetings: number
  pendingApprovals: number
  monthlyRevenue: number
  generatedAt: Date
}

export class DashboardService {
  constructor(private readonly prisma: PrismaClient) {}

  /** Customers and revenue are the company's, the other figures the user's own. */
  async of(userId: number, now = new Date()): Promise<Dashboard> {
    const { customer, task, meeting, approval } = this.prisma
    const [totalCustomers, activeTasks, completedTasks, upcomingMeetings, pendingApprovals, monthlyRevenue] =
      await Promise.all([
        customer.count(),
        task.count({ where: { userId, status: 'PENDING' } }),
        task.count({ where: { userId, status: 'COMPLETED' } }),
        meeting.count({ where: { userId, scheduledAt: { gte: now } } }),
        approval.count({ where: { approverId: userId, status: 'PENDING' } }),
        this.revenueSince(firstOfMonth(now)),
      ])
    return {
      totalCustomers,
      activeTasks,
      completedTasks,
      upcomingMeetings,
      pendingApprovals,
      monthlyRevenue,
      generatedAt: now,
    }
  }

  private async revenueSince(start: Date): Promise<number> {
    const { _sum } = await this.prisma.opportunity.aggregate({
      where: { createdAt: { gte: start } },
      _sum: { amount: true },
    })
    return _sum.amount?.toNumber() ?? 0
  }
}

/** Months begin at midnight UTC. */
function firstOfMonth(now: Date): Date {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()))
}
