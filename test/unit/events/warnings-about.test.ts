import { expect } from 'chai'
import { createMemoryBus } from '#src/events/memory-bus.js'
import type { EventBinding } from '#src/events/subscribe.js'
import { warningsAbout } from '#src/events/warnings-about.js'
import { evictRule } from '../rules/rules-for-tests.js'

const BUS = createMemoryBus({ events: { 'user.events': { USER_CREATED: true }, 'task.events': {} } })
const SHARED = { ...BUS, isShared: true }
const EVICTING: EventBinding = {
  where: 'UserEvents.onCreated',
  topic: 'user.events',
  eventType: 'USER_CREATED',
  delivery: 'once',
  handle: () => {},
  evicts: [evictRule('user:{data.id}', { isEventHandler: true })],
}

describe('warningsAbout', () => {
  it('has none about what somebody publishes', () => {
    expect(warningsAbout(EVICTING, BUS, 'memory')).to.deep.equal([])
    expect(warningsAbout(EVICTING, SHARED, 'redis')).to.deep.equal([])
  })

  it('has none about events where the bus does not say which there are', () => {
    expect(warningsAbout({ ...EVICTING, topic: 'any' }, createMemoryBus(), 'memory')).to.deep.equal([])
  })

  it('says what there is instead of an event that nobody publishes', () => {
    expect(warningsAbout({ ...EVICTING, eventType: 'USER_CRATED' }, BUS, 'redis')).to.deep.equal([
      'UserEvents.onCreated: nobody publishes USER_CRATED on user.events. user.events has USER_CREATED.',
    ])
    expect(warningsAbout({ ...EVICTING, topic: 'task.events' }, BUS, 'redis')).to.deep.equal([
      'UserEvents.onCreated: nobody publishes USER_CREATED on task.events. task.events has none.',
    ])
    expect(warningsAbout({ ...EVICTING, topic: 'toString' }, BUS, 'redis')).to.deep.equal([
      'UserEvents.onCreated: nobody publishes USER_CREATED on toString. There are the topics user.events, task.events.',
    ])
  })

  it('says that one process alone would evict from its memory', () => {
    const [warning] = warningsAbout(EVICTING, SHARED, 'memory')
    expect(warning).to.include('UserEvents.onCreated evicts from the memory of one process')
    expect(warning).to.include(`@OnEvent('user.events', 'USER_CREATED', { delivery: 'every-process' })`)
    expect(warningsAbout({ ...EVICTING, delivery: 'every-process' }, SHARED, 'memory')).to.deep.equal([])
    expect(warningsAbout({ ...EVICTING, evicts: [] }, SHARED, 'memory')).to.deep.equal([])
  })
})
