import type { CreateService } from '../service.js'
import { ApprovalController } from './approval.controller.js'
import { ApprovalService } from './approval.service.js'
import { OpportunityController } from './opportunity.controller.js'
import { OpportunityService } from './opportunity.service.js'

export const createOpportunityService: CreateService = ({ prisma, outbox }) => ({
  controllers: [
    new OpportunityController(new OpportunityService(prisma, outbox)),
    new ApprovalController(new ApprovalService(prisma, outbox)),
  ],
})
