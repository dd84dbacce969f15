import { CacheEvict, OnEvent } from 'express-cacheable'
import type { CrmEvent } from '../../events.js'
import type { NotificationService } from './notification.service.js'

type ApprovalEvent = CrmEvent<'approval.events', 'APPROVAL_REQUESTED'>

/** Which figures each event changes. Whose figure it is, is whose key is evicted; the company's are everybody's. */
export class AnalyticsEvents {
  constructor(private readonly notifications: NotificationService) {}

  @OnEvent('customer.events', 'CUSTOMER_CREATED')
  @CacheEvict(['analytics:dashboard:*', 'reports:customers:*'])
  onCustomerCreated(): void {}

  /** The number of customers stays; their industries, which the report counts by, may not. */
  @OnEvent('customer.events', 'CUSTOMER_UPDATED')
  @CacheEvict('reports:customers:*')
  onCustomerUpdated(): void {}

  @OnEvent('customer.events', 'CUSTOMER_DELETED')
  @CacheEvict(['analytics:dashboard:*', 'reports:customers:*'])
  onCustomerDeleted(): void {}

  @OnEvent('activity.events', 'TASK_CREATED')
  @CacheEvict(['analytics:dashboard:{data.userId}', 'reports:activities:*'])
  onTaskCreated(): void {}

  @OnEvent('activity.events', 'TASK_UPDATED')
  @CacheEvict([
    'analytics:dashboard:{data.userId}',
    'analytics:dashboard:{data.previousUserId}',
    'reports:activities:*',
  ])
  onTaskUpdated(): void {}

  @OnEvent('activity.events', 'TASK_COMPLETED')
  @CacheEvict(['analytics:dashboard:{data.userId}', 'reports:activities:*'])
  onTaskCompleted(): void {}

  @OnEvent('activity.events', 'MEETING_SCHEDULED')
  @CacheEvict(['analytics:dashboard:{data.userId}', 'reports:activities:*'])
  onMeetingScheduled(): void {}

  @OnEvent('activity.events', 'USER_ACTIVITIES_DELETED')
  @CacheEvict(['analytics:dashboard:{data.userId}', 'reports:activities:*'])
  onUserActivitiesDeleted(): void {}

  @OnEvent('opportunity.events', 'OPPORTUNITY_CREATED')
  @CacheEvict(['analytics:dashboard:*', 'reports:sales:*'])
  onOpportunityCreated(): void {}

  @OnEvent('opportunity.events', 'OPPORTUNITY_UPDATED')
  @CacheEvict(['analytics:dashboard:*', 'reports:sales:*'])
  onOpportunityUpdated(): void {}

  @OnEvent('approval.events', 'APPROVAL_REQUESTED')
  @CacheEvict(['analytics:dashboard:{data.approverId}', 'notifications:user:{data.approverId}:unread'])
  async onApprovalRequested({ eventId, data }: ApprovalEvent): Promise<void> {
    const message = `Opportunity ${data.opportunityId} waits for your approval`
    await this.notifications.notify({ eventId, userId: data.approverId, message })
  }

  // A decision is also the new stage of the opportunity, which the sales report counts by.
  @OnEvent('approval.events', 'APPROVAL_APPROVED')
  @CacheEvict([
    'analytics:dashboard:{data.approverId}',
    'notifications:user:{data.requesterId}:unread',
    'reports:sales:*',
  ])
  async onApprovalApproved({ eventId, data }: ApprovalEvent): Promise<void> {
    const message = `Opportunity ${data.opportunityId} was approved`
    await this.notifications.notify({ eventId, userId: data.requesterId, message })
  }

  @OnEvent('approval.events', 'APPROVAL_REJECTED')
  @CacheEvict([
    'analytics:dashboard:{data.approverId}',
    'notifications:user:{data.requesterId}:unread',
    'reports:sales:*',
  ])
  async onApprovalRejected({ eventId, data }: ApprovalEvent): Promise<void> {
    const message = `Opportunity ${data.opportunityId} was rejected`
    await this.notifications.notify({ eventId, userId: data.requesterId, message })
  }

  @OnEvent('user.events', 'USER_DELETED')
  @CacheEvict('notifications:user:{data.userId}:unread')
  async onUserDeleted({ eventId, data }: CrmEvent<'user.events', 'USER_DELETED'>): Promise<void> {
    await this.notifications.forgetUser(eventId, data.userId)
  }
}
