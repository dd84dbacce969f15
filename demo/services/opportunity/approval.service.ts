import { ForbiddenError, HttpError } from 'routing-controllers'
import { found, requireReference } from '../../database/errors.js'
import { InvalidInput } from '../../http/invalid-input.js'
import type { SignedInUser } from '../../http/tokens.js'
import type { Outbox } from '../../outbox/outbox.js'
import type { Approval, ApprovalHistory, PrismaClient } from '../../prisma/generated/client.js'
import type { RequestApprovalBody } from './opportunity.dto.js'

export type Decision = 'APPROVED' | 'REJECTED'

export class ApprovalService {
  constructor(
    private readonly prisma: PrismaClient,
    private readonly outbox: Outbox,
  ) {}

  pendingOf(approverId: number): Promise<Approval[]> {
    return this.prisma.approval.findMany({
      where: { approverId, status: 'PENDING' },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    })
  }

  async historyOf(id: number): Promise<ApprovalHistory[]> {
    const approval = await this.prisma.approval.findUnique({
      where: { id },
      select: { history: { orderBy: { id: 'asc' } } },
    })
    return found(approval, 'approval').history
  }

  async request(body: RequestApprovalBody, actor: SignedInUser): Promise<Approval> {
    const { opportunityId, approverId } = body
    if (approverId === actor.id) throw InvalidInput.of('approverId', 'must be somebody else than you')
    const select = { id: true }
    const opportunity = this.prisma.opportunity.findUnique({ where: { id: opportunityId }, select })
    await requireReference('opportunityId', opportunity)
    await requireReference('approverId', this.prisma.user.findUnique({ where: { id: approverId }, select }))
    return this.outbox.transaction(async (tx, publish) => {
      const approval = await tx.approval.create({
        data: {
          opportunityId,
          requesterId: actor.id,
          approverId,
          history: { create: { action: 'REQUESTED', userId: actor.id } },
        },
      })
      await publish('approval.events', 'APPROVAL_REQUESTED', eventDataOf(approval))
      return approval
    })
  }

  /** An approval is decided once; the decision becomes the stage of its opportunity. */
  async decide(id: number, decision: Decision, actor: SignedInUser): Promise<Approval> {
    const before = found(await this.prisma.approval.findUnique({ where: { id } }), 'approval')
    if (before.approverId !== actor.id && actor.role !== 'admin') {
      throw new ForbiddenError('The approval is for somebody else to decide')
    }
    // Also of an admin, and of a request from before this rule: two people see each decision.
    if (before.requesterId === actor.id) throw new ForbiddenError('Nobody decides on a request of their own')
    return this.outbox.transaction(async (tx, publish) => {
      // The status is part of the condition, so that of two people deciding at once one comes too late.
      const { count } = await tx.approval.updateMany({
        where: { id, status: 'PENDING' },
        data: { status: decision, decidedAt: new Date() },
      })
      if (count === 0) throw new HttpError(409, 'The approval has been decided already')
      await tx.approvalHistory.create({
        data: { approvalId: id, action: decision, userId: actor.id },
      })
      await tx.opportunity.update({
        where: { id: before.opportunityId },
        data: { stage: decision },
      })
      const approval = await tx.approval.findUniqueOrThrow({ where: { id } })
      await publish('approval.events', `APPROVAL_${decision}`, eventDataOf(approval))
      return approval
    })
  }
}

function eventDataOf({ id, opportunityId, requesterId, approverId }: Approval) {
  return { approvalId: id, opportunityId, requesterId, approverId }
}
