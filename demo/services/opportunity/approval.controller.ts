import { Cacheable, CacheEvict } from 'express-cacheable'
import {
  Authorized,
  Body,
  CurrentUser,
  Get,
  HttpCode,
  JsonController,
  Param,
  Post,
} from 'routing-controllers'
import type { SignedInUser } from '../../http/tokens.js'
import type { Approval, ApprovalHistory } from '../../prisma/generated/client.js'
import type { ApprovalService } from './approval.service.js'
import { RequestApprovalBody } from './opportunity.dto.js'

@Authorized()
@JsonController('/approvals')
export class ApprovalController {
  constructor(private readonly approvals: ApprovalService) {}

  @Cacheable('approvals:user:{user.id}:pending', 30)
  @Get('/pending')
  pending(@CurrentUser() user: SignedInUser): Promise<Approval[]> {
    return this.approvals.pendingOf(user.id)
  }

  // Open to everyone signed in, hence the same for everyone, as the key says.
  @Cacheable('approvals:history:{id}', 600)
  @Get('/:id/history')
  history(@Param('id') id: number): Promise<ApprovalHistory[]> {
    return this.approvals.historyOf(id)
  }

  @CacheEvict('approvals:user:{result.approverId}:pending')
  @HttpCode(201)
  @Post('/')
  request(
    @Body({ required: true }) body: RequestApprovalBody,
    @CurrentUser() actor: SignedInUser,
  ): Promise<Approval> {
    return this.approvals.request(body, actor)
  }

  // The approver's list, from the answer: an admin may decide in their place.
  @CacheEvict(['approvals:user:{result.approverId}:pending', 'approvals:history:{id}'])
  @Post('/:id/approve')
  approve(@Param('id') id: number, @CurrentUser() actor: SignedInUser): Promise<Approval> {
    return this.approvals.decide(id, 'APPROVED', actor)
  }

  @CacheEvict(['approvals:user:{result.approverId}:pending', 'approvals:history:{id}'])
  @Post('/:id/reject')
  reject(@Param('id') id: number, @CurrentUser() actor: SignedInUser): Promise<Approval> {
    return this.approvals.decide(id, 'REJECTED', actor)
  }
}
