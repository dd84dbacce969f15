import { randomUUID } from 'node:crypto'
import type { BusEvent, EventCatalogue } from 'express-cacheable'
import {
  type GenericSchema,
  type InferOutput,
  integer,
  minValue,
  number,
  object,
  parse,
  pipe,
  string,
} from 'valibot'

const id = pipe(number(), integer(), minValue(1))

const user = object({ userId: id })
const customer = object({ customerId: id })
const task = object({ taskId: id, userId: id })
const opportunity = object({ opportunityId: id })
const approval = object({ approvalId: id, opportunityId: id, requesterId: id, approverId: id })

/** Every event of the CRM: topic, event type, and what it says. */
export const EVENTS = {
  'user.events': {
    USER_CREATED: object({ userId: id, email: string(), name: string() }),
    USER_DELETED: user,
    USER_TOKENS_ENDED: object({ userId: id, tokenVersion: id }),
  },
  'customer.events': {
    CUSTOMER_CREATED: customer,
    CUSTOMER_UPDATED: customer,
    CUSTOMER_DELETED: customer,
  },
  'activity.events': {
    TASK_CREATED: task,
    TASK_UPDATED: object({ ...task.entries, previousUserId: id }),
    TASK_COMPLETED: task,
    MEETING_SCHEDULED: object({ meetingId: id, userId: id }),
    USER_ACTIVITIES_DELETED: user,
  },
  'opportunity.events': {
    OPPORTUNITY_CREATED: opportunity,
    OPPORTUNITY_UPDATED: opportunity,
  },
  'approval.events': {
    APPROVAL_REQUESTED: approval,
    APPROVAL_APPROVED: approval,
    APPROVAL_REJECTED: approval,
  },
} satisfies EventCatalogue

type Catalogue = typeof EVENTS
export type Topic = keyof Catalogue
export type EventType<T extends Topic> = keyof Catalogue[T] & string
export type EventData<T extends Topic, E extends EventType<T>> = InferOutput<
  Extract<Catalogue[T][E], GenericSchema>
>
export type CrmEvent<T extends Topic, E extends EventType<T>> = BusEvent<EventData<T, E>>

type KeyOf = {
  readonly [T in Topic]: { readonly [E in EventType<T>]: (data: EventData<T, E>) => string }
}

const ofUser = ({ userId }: EventData<'user.events', 'USER_DELETED'>) => `user:${userId}`
const ofCustomer = ({ customerId }: EventData<'customer.events', 'CUSTOMER_CREATED'>) =>
  `customer:${customerId}`
const ofTask = ({ taskId }: EventData<'activity.events', 'TASK_CREATED'>) => `task:${taskId}`
const ofOpportunity = ({ opportunityId }: EventData<'opportunity.events', 'OPPORTUNITY_CREATED'>) =>
  `opportunity:${opportunityId}`
const ofApproval = ({ approvalId }: EventData<'approval.events', 'APPROVAL_REQUESTED'>) =>
  `approval:${approvalId}`

/** What each event is about: the events with one key are handled in the order of what they tell. */
const KEY_OF: KeyOf = {
  'user.events': { USER_CREATED: ofUser, USER_DELETED: ofUser, USER_TOKENS_ENDED: ofUser },
  'customer.events': {
    CUSTOMER_CREATED: ofCustomer,
    CUSTOMER_UPDATED: ofCustomer,
    CUSTOMER_DELETED: ofCustomer,
  },
  'activity.events': {
    TASK_CREATED: ofTask,
    TASK_UPDATED: ofTask,
    TASK_COMPLETED: ofTask,
    MEETING_SCHEDULED: ({ meetingId }) => `meeting:${meetingId}`,
    USER_ACTIVITIES_DELETED: ofUser,
  },
  'opportunity.events': { OPPORTUNITY_CREATED: ofOpportunity, OPPORTUNITY_UPDATED: ofOpportunity },
  'approval.events': {
    APPROVAL_REQUESTED: ofApproval,
    APPROVAL_APPROVED: ofApproval,
    APPROVAL_REJECTED: ofApproval,
  },
}

/**
 * A new event, and the key of the entity that it is about.
 *
 * @throws {ValiError} When its data is not what the catalogue says: no bus would take it, however often it is tried.
 */
export function createEvent<T extends Topic, E extends EventType<T>>(
  topic: T,
  eventType: E,
  data: EventData<T, E>,
): { key: string; event: CrmEvent<T, E> } {
  const checked = parse(EVENTS[topic][eventType] as GenericSchema<EventData<T, E>>, data)
  const timestamp = new Date().toISOString()
  return {
    key: KEY_OF[topic][eventType](checked),
    event: { eventType, eventId: randomUUID(), timestamp, data: checked },
  }
}
