import { randomUUID } from 'node:crypto'
import type { BusEvent, EventBus } from 'express-cacheable'

/** Every event of the CRM: topic, event type, and what it says. One topic belongs to one kind of thing. */
interface CrmEvents {
  'user.events': {
    USER_CREATED: { userId: number; email: string; name: string }
    USER_DELETED: { userId: number }
  }
  'customer.events': {
    CUSTOMER_CREATED: { customerId: number }
    CUSTOMER_UPDATED: { customerId: number }
    CUSTOMER_DELETED: { customerId: number }
  }
  'activity.events': {
    TASK_CREATED: TaskEvent
    TASK_UPDATED: TaskEvent & { previousUserId: number }
    TASK_COMPLETED: TaskEvent
    MEETING_SCHEDULED: { meetingId: number; userId: number }
    USER_ACTIVITIES_DELETED: { userId: number }
  }
  'opportunity.events': {
    OPPORTUNITY_CREATED: { opportunityId: number }
    OPPORTUNITY_UPDATED: { opportunityId: number }
  }
  'approval.events': {
    APPROVAL_REQUESTED: ApprovalEvent
    APPROVAL_APPROVED: ApprovalEvent
    APPROVAL_REJECTED: ApprovalEvent
  }
}

interface TaskEvent {
  taskId: number
  userId: number
}

interface ApprovalEvent {
  approvalId: number
  opportunityId: number
  requesterId: number
  approverId: number
}

type Topic = keyof CrmEvents
type EventType<T extends Topic> = keyof CrmEvents[T] & string
export type CrmEvent<T extends Topic, E extends EventType<T>> = BusEvent<CrmEvents[T][E]>

/** Publishes one event. Call it after the database has committed, and before answering. */
export type Publish = <T extends Topic, E extends EventType<T>>(
  topic: T,
  eventType: E,
  data: CrmEvents[T][E],
) => Promise<void>

export function createPublish(bus: EventBus): Publish {
  return (topic, eventType, data) =>
    bus.publish(topic, {
      eventType,
      eventId: randomUUID(),
      timestamp: new Date().toISOString(),
      data: data as object,
    })
}
