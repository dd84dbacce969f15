import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { CacheError } from '../errors.js'
import { isRecord } from '../tools/is-record.js'
import { reasonOf } from '../tools/reason-of.js'
import type { BusEvent } from './bus.js'
import type { EventCatalogue } from './event-catalogue.js'

const NAME = v.pipe(v.string('is no text'), v.nonEmpty('is empty'))
const OBJECT = v.custom<object>(isRecord, 'is no object')
const ENVELOPE = v.object(
  {
    eventType: NAME,
    eventId: NAME,
    timestamp: v.pipe(v.string('is no text'), v.isoTimestamp('is no ISO 8601 timestamp')),
    data: OBJECT,
  },
  ({ input, expected }) => (input === undefined && expected !== 'Object' ? 'is missing' : 'is no object'),
)

/**
 * Why something is no event of a topic, in words; undefined if it is one.
 *
 * Its envelope is checked, and against a catalogue also that the topic has its type and that the payload keeps to
 * the type's schema. Whatever else an event carries is let through.
 *
 * @example
 * await faultOf('user.events', { ...event, eventType: 'USER_CRATED' }, events)
 * // "user.events has no type USER_CRATED, it has USER_CREATED, USER_DELETED"
 */
export async function faultOf(
  topic: string,
  event: unknown,
  catalogue: EventCatalogue | undefined,
): Promise<string | undefined> {
  const fault = await faultBySchema(ENVELOPE, event)
  if (fault !== undefined || !catalogue) return fault
  const types = Object.hasOwn(catalogue, topic) ? catalogue[topic] : undefined
  if (!types) return `there is no topic ${topic}, there are ${namesOf(catalogue)}`
  const { eventType, data } = event as BusEvent
  const schema = Object.hasOwn(types, eventType) ? types[eventType] : undefined
  if (!schema) return `${topic} has no type ${eventType}, it has ${namesOf(types)}`
  return schema === true ? undefined : faultBySchema(schema, data, ['data'])
}

/** @throws CacheError `E_CACHE_BUS` for what no handler could take. */
export async function checkPublication(
  topic: string,
  event: BusEvent<object>,
  catalogue: EventCatalogue | undefined,
): Promise<void> {
  const fault = await faultOf(topic, event, catalogue)
  if (fault === undefined) return
  throw new CacheError('E_CACHE_BUS', {
    where: `publish('${topic}')`,
    problem: fault,
    mend: 'Give { eventType, eventId, timestamp, data } as the catalogue of events says.',
  })
}

async function faultBySchema(
  schema: StandardSchemaV1,
  value: unknown,
  at: readonly PropertyKey[] = [],
): Promise<string | undefined> {
  try {
    const { issues } = await schema['~standard'].validate(value)
    return issues?.map((issue) => inWords(issue, at)).join('; ')
  } catch (error) {
    // What no schema could judge is not let through, and must not be asked for again and again.
    return `${inWords({ message: 'could not be checked', path: [] }, at)}: its schema threw ${reasonOf(error)}`
  }
}

function inWords({ message, path = [] }: StandardSchemaV1.Issue, at: readonly PropertyKey[]): string {
  const steps = [...at, ...path.map((step) => (typeof step === 'object' ? step.key : step))]
  return `${steps.map(String).join('.') || 'the event'} ${message}`
}

function namesOf(named: object): string {
  return Object.keys(named).join(', ') || 'none'
}
