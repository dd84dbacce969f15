import { expect } from 'chai'
import * as v from 'valibot'
import { CacheError } from '#src/errors.js'
import type { BusEvent } from '#src/events/bus.js'
import { checkPublication, faultOf } from '#src/events/check-event.js'
import { eventForTests } from './event-for-tests.js'

const TOPIC = 'user.events'
const USER = v.object({
  userId: v.number('is no number'),
  address: v.optional(v.object({ city: v.string() })),
})
const EVENTS = { [TOPIC]: { USER_CREATED: USER, USER_DELETED: true }, 'empty.events': {} } as const
const CREATED = eventForTests('USER_CREATED', { userId: 5 })

describe('faultOf', () => {
  it('finds none in an event, whatever else it carries', async () => {
    expect(await faultOf(TOPIC, eventForTests('ANYTHING'), undefined)).to.equal(undefined)
    expect(await faultOf(TOPIC, { ...CREATED, traceId: 'x' }, EVENTS)).to.equal(undefined)
    expect(await faultOf(TOPIC, eventForTests('USER_DELETED', { any: 'thing' }), EVENTS)).to.equal(undefined)
    expect(await faultOf(TOPIC, { ...CREATED, timestamp: '2024-05-06T07:08:09+02:00' }, EVENTS)).to.equal(
      undefined,
    )
  })

  it('finds one where the schema itself throws, so that the event is not tried for ever', async () => {
    const broken = v.pipe(
      USER,
      v.check(() => {
        throw new TypeError('x is undefined')
      }),
    )
    expect(await faultOf(TOPIC, CREATED, { [TOPIC]: { USER_CREATED: broken } })).to.equal(
      'data could not be checked: its schema threw x is undefined',
    )
  })

  const malformed: [what: string, event: unknown, fault: string][] = [
    ['null', null, 'the event is no object'],
    ['a text', 'USER_CREATED', 'the event is no object'],
    ['a list', [CREATED], 'eventType is missing; eventId is missing; timestamp is missing; data is missing'],
    ['one without its type', { ...CREATED, eventType: undefined }, 'eventType is no text'],
    ['one with an empty id', { ...CREATED, eventId: '' }, 'eventId is empty'],
    ['a number as id', { ...CREATED, eventId: 5 }, 'eventId is no text'],
    ['another form of time', { ...CREATED, timestamp: '6 May 2024' }, 'timestamp is no ISO 8601 timestamp'],
    ['a list of data', { ...CREATED, data: [] }, 'data is no object'],
    ['no data', { ...CREATED, data: null }, 'data is no object'],
  ]
  for (const [what, event, fault] of malformed) {
    it(`tells what is wrong with ${what}`, async () => {
      expect(await faultOf(TOPIC, event, undefined)).to.equal(fault)
    })
  }

  it('names what the catalogue has instead of an unknown type or topic', async () => {
    expect(await faultOf(TOPIC, eventForTests('USER_CRATED'), EVENTS)).to.equal(
      'user.events has no type USER_CRATED, it has USER_CREATED, USER_DELETED',
    )
    expect(await faultOf('user.event', CREATED, EVENTS)).to.equal(
      'there is no topic user.event, there are user.events, empty.events',
    )
    expect(await faultOf('empty.events', CREATED, EVENTS)).to.equal(
      'empty.events has no type USER_CREATED, it has none',
    )
  })

  it('takes no name for a type that every object has', async () => {
    expect(await faultOf(TOPIC, eventForTests('constructor'), EVENTS)).to.include('no type constructor')
    expect(await faultOf('toString', CREATED, EVENTS)).to.include('no topic toString')
  })

  it('names the fields that break the schema of the type', async () => {
    const event = eventForTests('USER_CREATED', { userId: '5', address: { city: 7 } })
    expect(await faultOf(TOPIC, event, EVENTS)).to.match(/^data\.userId is no number; data\.address\.city .+/)
  })

  it('waits for a schema that takes its time', async () => {
    const taken = v.pipeAsync(
      v.object({ userId: v.number() }),
      v.checkAsync(async ({ userId }) => userId !== 5, 'is taken'),
    )
    expect(await faultOf(TOPIC, CREATED, { [TOPIC]: { USER_CREATED: taken } })).to.equal('data is taken')
  })
})

describe('checkPublication', () => {
  it('refuses with the topic, the fault and the mend', async () => {
    await checkPublication(TOPIC, CREATED, EVENTS)
    const error = await checkPublication(TOPIC, { ...CREATED, eventId: '' } as BusEvent, EVENTS).catch(
      (reason: unknown) => reason,
    )
    expect(error).to.be.instanceOf(CacheError)
    expect((error as CacheError).message).to.equal(
      "[E_CACHE_BUS] publish('user.events'): eventId is empty. Give { eventType, eventId, timestamp, data } as the catalogue of events says.",
    )
  })
})
