import { expect } from 'chai'
import type { EventBus } from '#src/events/bus.js'
import { createMemoryBus } from '#src/events/memory-bus.js'
import { type EventBinding, subscribeBindings } from '#src/events/subscribe.js'
import { gate } from '../../support/gate.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { engineForTests, settled, told } from '../engine/engine-for-tests.js'
import { evictRule } from '../rules/rules-for-tests.js'
import { eventForTests } from './event-for-tests.js'

const TOPIC = 'user.events'
const OLD = Buffer.from('"old"')

/** A binding of USER_CREATED that evicts `patterns`. */
function binding({
  patterns = [],
  before = false,
  ...rest
}: Partial<EventBinding> & { patterns?: readonly string[]; before?: boolean } = {}): EventBinding {
  const evicts = patterns.length > 0 ? [evictRule(patterns, { before, isEventHandler: true })] : []
  return {
    ...{ where: 'UserEvents.on', topic: TOPIC, eventType: 'USER_CREATED', delivery: 'once' },
    ...{ handle: () => {}, evicts, ...rest },
  }
}

function shared(bus: EventBus): EventBus {
  return { ...bus, isShared: true }
}

/** A bus with an engine behind it, in whose store some keys are. */
async function setUp(
  bindings: readonly EventBinding[],
  keys: readonly string[] = [],
  change: (bus: EventBus) => EventBus = (bus) => bus,
) {
  const logger = recordingLogger()
  const bus = change(createMemoryBus({ logger }))
  const test = engineForTests()
  for (const key of keys) await test.store.storedElsewhere(key, '"old"')
  const subscription = await subscribeBindings(bus, bindings, test.engine)
  return {
    ...test,
    bus,
    logger,
    subscription,
    publish: (data: Record<string, unknown> = {}, eventType = 'USER_CREATED') =>
      bus.publish(TOPIC, eventForTests(eventType, data)),
    async left(): Promise<string[]> {
      const values = await Promise.all(keys.map((key) => test.store.stored(key)))
      return keys.filter((_, index) => values[index] !== null)
    },
  }
}

describe('subscribeBindings', () => {
  it('calls each binding for its own type of event on its own topic', async () => {
    const heard: string[] = []
    const hear = (name: string) => () => void heard.push(name)
    const { bus, publish } = await setUp([
      binding({ handle: hear('created') }),
      binding({ handle: hear('created too') }),
      binding({ eventType: 'USER_DELETED', handle: hear('deleted') }),
      binding({ topic: 'task.events', handle: hear('task') }),
    ])
    await publish()
    expect(heard).to.deep.equal(['created', 'created too'])
    await publish({}, 'USER_DELETED')
    await publish({}, 'USER_SEEN')
    await bus.publish('task.events', eventForTests('USER_CREATED'))
    expect(heard.slice(2)).to.deep.equal(['deleted', 'task'])
  })

  it('hands the event to the handler', async () => {
    const heard: unknown[] = []
    const { bus } = await setUp([binding({ handle: (event) => void heard.push(event) })])
    const event = eventForTests('USER_CREATED', { userId: 7 })
    await bus.publish(TOPIC, event)
    expect(heard).to.deep.equal([event])
  })

  it('evicts what the event and the result of the handler say, and nothing else', async () => {
    const { publish, left, events } = await setUp(
      [
        binding({
          patterns: ['user:{data.user.id}', 'customer:{result.id}', 'users:list:*'],
          handle: async () => ({ id: 'c/1' }),
        }),
      ],
      ['user:7', 'user:70', 'customer:c%2F1', 'customer:2', 'users:list:1', 'users:count'],
    )
    await publish({ user: { id: 7 } })
    expect(await left()).to.deep.equal(['user:70', 'customer:2', 'users:count'])
    expect(events).to.have.length(1)
    expect(events[0]).to.deep.include({
      type: 'evict',
      targets: ['user:7', 'customer:c%2F1', 'users:list:*'],
      removed: 3,
    })
  })

  it('has evicted when the publication has ended', async () => {
    const { publish, store } = await setUp([binding({ patterns: ['user:{data.id}'] })])
    const eviction = store.hold('evict')
    let isPublished = false
    const published = publish({ id: 1 }).then(() => {
      isPublished = true
    })
    await eviction.asked
    await settled()
    expect(isPublished).to.equal(false)
    eviction.open()
    await published
  })

  it('evicts only once the handler has succeeded', async () => {
    const work = gate()
    const { publish, left } = await setUp(
      [binding({ patterns: ['user:{data.id}'], handle: () => work.wait })],
      ['user:1'],
    )
    const published = publish({ id: 1 })
    expect(await left()).to.deep.equal(['user:1'])
    work.open()
    await published
    expect(await left()).to.deep.equal([])
  })

  it('widens what has no value to everything in its place', async () => {
    const { publish, left } = await setUp(
      [binding({ patterns: ['tasks:{data.userId}:open', 'user:{result.id}'] })],
      ['tasks:1:open', 'tasks:2:open', 'tasks:2:done', 'user:1', 'users:1'],
    )
    await publish({ userId: undefined })
    expect(await left()).to.deep.equal(['tasks:2:done', 'users:1'])
  })

  it('evicts nothing after the handler has thrown, and the bus hears of it', async () => {
    const { publish, left, events, logger } = await setUp(
      [
        binding({
          patterns: ['user:{data.id}'],
          handle: () => {
            throw new Error('the database is away')
          },
        }),
      ],
      ['user:1'],
    )
    await publish({ id: 1 })
    expect(await left()).to.deep.equal(['user:1'])
    expect(events).to.deep.equal([])
    expect(logger.at('error')).to.deep.equal([
      'A handler of USER_CREATED on user.events failed: the database is away',
    ])
  })

  it('lets the other bindings evict when one has thrown, and tells all reasons', async () => {
    const failing = (reason: unknown) => binding({ handle: async () => Promise.reject(reason) })
    const { publish, left, logger } = await setUp(
      [failing(new Error('one')), binding({ patterns: ['user:{data.id}'] }), failing('two')],
      ['user:1'],
    )
    await publish({ id: 1 })
    expect(await left()).to.deep.equal([])
    expect(logger.at('error')).to.deep.equal(['A handler of USER_CREATED on user.events failed: one; two'])
  })

  describe('with before', () => {
    it('evicts before the handler, and again after it', async () => {
      const work = gate()
      const started = gate()
      const handle = () => {
        started.open()
        return work.wait
      }
      const { publish, read, lead, left } = await setUp(
        [binding({ patterns: ['user:{data.id}'], before: true, handle })],
        ['user:1'],
      )
      const published = publish({ id: 1 })
      await started.wait
      // A reader in between brings the old value back.
      await (await lead()).complete(OLD, 60_000)
      expect(told(await read())).to.equal('hit "old"')
      work.open()
      await published
      expect(await left()).to.deep.equal([])
    })

    it('evicts also if the handler throws', async () => {
      const { publish, left, events } = await setUp(
        [
          binding({
            patterns: ['user:{data.id}'],
            before: true,
            handle: () => Promise.reject(new Error('no')),
          }),
        ],
        ['user:1'],
      )
      await publish({ id: 1 })
      expect(await left()).to.deep.equal([])
      expect(events).to.have.length(1)
    })
  })

  it('keeps an eviction that the store does not acknowledge', async () => {
    const { publish, read, store, logger, types } = await setUp(
      [binding({ patterns: ['user:{data.id}'] })],
      ['user:1'],
    )
    store.trouble = new Error('down')
    await publish({ id: 1 })
    expect(types()).to.deep.equal(['evict-kept', 'store-down'])
    expect(logger.at('error')).to.deep.equal([])
    store.trouble = null
    expect(told(await read())).to.equal('load')
  })

  describe('on a bus that processes share', () => {
    it('has handled an event once the store has acknowledged the eviction, also after an outage', async () => {
      const { publish, store, engine, left } = await setUp(
        [binding({ patterns: ['user:{data.id}'] })],
        ['user:1'],
        shared,
      )
      store.trouble = new Error('down')
      let isHandled = false
      const published = publish({ id: 1 }).then(() => {
        isHandled = true
      })
      await settled()
      expect(isHandled).to.equal(false)
      store.trouble = null
      await engine.peek('user:2')
      await published
      expect(await left()).to.deep.equal([])
    })

    it('has not handled it if the cache is closed before that', async () => {
      const { publish, store, engine, logger } = await setUp(
        [binding({ patterns: ['user:{data.id}'] })],
        [],
        shared,
      )
      store.trouble = new Error('down')
      const published = publish({ id: 1 })
      await settled()
      await engine.close()
      await published
      expect(logger.at('error').join()).to.include('the cache was closed before the store had acknowledged')
    })

    it('waits for no store where nothing is evicted', async () => {
      const { publish, store } = await setUp([binding()], [], shared)
      store.trouble = new Error('down')
      await publish()
    })
  })

  describe('with delivery to every process', () => {
    it('subscribes each topic once for each delivery, all at the same time', async () => {
      const begun: string[] = []
      const { wait, open } = gate()
      const subscribed = setUp(
        [
          binding(),
          binding({ delivery: 'every-process' }),
          binding({ eventType: 'USER_DELETED' }),
          binding({ topic: 'task.events' }),
        ],
        [],
        (bus) => ({
          ...bus,
          async subscribe(topic, handler, options) {
            begun.push(`${topic} ${options?.delivery}`)
            await wait
            return bus.subscribe(topic, handler, options)
          },
        }),
      )
      await settled()
      open()
      await subscribed
      expect(begun).to.deep.equal([`${TOPIC} once`, `${TOPIC} every-process`, 'task.events once'])
    })

    it('makes up for events that were missed by evicting whatever they may have been about', async () => {
      const keys = ['user:1', 'user:2', 'customers:count', 'task:1', 'user:1:name']
      let missSome = async () => {}
      const { left } = await setUp(
        [
          binding({ patterns: ['user:{data.id}'], delivery: 'every-process' }),
          binding({ patterns: ['customers:count'], eventType: 'USER_DELETED', delivery: 'every-process' }),
          binding({ patterns: ['task:{data.id}'] }),
        ],
        keys,
        (bus) => ({
          ...bus,
          subscribe(topic, handler, { onGap, ...options } = {}) {
            if (onGap) missSome = onGap
            return bus.subscribe(topic, handler, options)
          },
        }),
      )
      expect(await left()).to.deep.equal(keys)
      await missSome()
      // A widened pattern that ends in '*' takes what lies below as well.
      expect(await left()).to.deep.equal(['task:1'])
    })
  })

  it('hears nothing any more once it is closed', async () => {
    let heard = 0
    const { publish, subscription, bus } = await setUp([
      binding({ handle: () => void heard++ }),
      binding({ topic: 'task.events', handle: () => void heard++ }),
    ])
    await subscription.close()
    await publish()
    await bus.publish('task.events', eventForTests('USER_CREATED'))
    expect(heard).to.equal(0)
  })
})
