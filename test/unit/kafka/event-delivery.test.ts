import { type Clock, install } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import type { EachBatchPayload } from 'kafkajs'
import type { BusHandler } from '#src/events/bus.js'
import type { DeadLetters } from '#src/kafka/dead-letters.js'
import { EventDelivery } from '#src/kafka/event-delivery.js'
import { Subscriber } from '#src/kafka/subscriber.js'
import { gate } from '../../support/gate.js'
import { recordingLogger } from '../../support/recording-logger.js'
import { eventForTests } from '../events/event-for-tests.js'

const TOPIC = 'user.events'

/** A partition with events of these types, as kafkajs hands it over. */
function setUp(types: readonly string[], handler: BusHandler, { attempts = 3 } = {}) {
  const logger = recordingLogger()
  const subscriber = new Subscriber(handler, undefined, logger)
  const subscribers = new Set([subscriber])
  const story: string[] = []
  let resolved = 0
  let trouble: Error | null = null
  let isPaused = false
  const deadLetters = {
    async bury(_message: unknown, _place: unknown, reason: string) {
      story.push(`bury: ${reason}`)
      if (trouble) throw trouble
    },
  } as DeadLetters
  const delivery = new EventDelivery({
    ...{ events: undefined, logger, attempts, initialDelayMs: 1_000, maxDelayMs: 10_000, deadLetters },
    subscribersOf: () => subscribers,
    onHandled: ({ offset }) => void story.push(`handled ${offset}`),
  })
  const messages = types.map((type, index) => ({
    ...{ key: null, offset: String(index), timestamp: '1', attributes: 0 },
    value: Buffer.from(type === 'MALFORMED' ? '{' : JSON.stringify(eventForTests(type))),
  }))
  let heartbeat: () => Promise<void> = async () => {}
  return {
    ...{ logger, story, subscriber, subscribers },
    resolved: () => resolved,
    isPaused: () => isPaused,
    beat: (beat: () => Promise<void>) => {
      heartbeat = beat
    },
    setTrouble: (error: Error | null) => {
      trouble = error
    },
    /** What kafkajs does next: hands over what is not resolved. */
    fetch: (): Promise<void> => {
      isPaused = false
      return delivery.handleBatch({
        batch: { topic: TOPIC, partition: 0, messages: messages.slice(resolved) },
        heartbeat: () => heartbeat(),
        commitOffsetsIfNecessary: async () => {},
        isRunning: () => true,
        isStale: () => false,
        resolveOffset: (offset: string) => {
          resolved = Number(offset) + 1
        },
        pause: () => {
          isPaused = true
          return () => {
            isPaused = false
          }
        },
      } as unknown as EachBatchPayload)
    },
  }
}

describe('EventDelivery', () => {
  let clock: Clock
  beforeEach(() => {
    clock = install({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'performance'] })
  })
  afterEach(() => clock.uninstall())

  it('keeps the session alive while a handler runs, and only then', async () => {
    const work = gate()
    const { fetch, beat, resolved } = setUp(['A'], () => work.wait)
    let beats = 0
    beat(async () => void beats++)
    const handled = fetch()
    await clock.tickAsync(60_000)
    expect(beats).to.be.within(50, 70)
    expect(resolved()).to.equal(0)
    work.open()
    await handled
    expect(resolved()).to.equal(1)
    const beatsSoFar = beats
    await clock.tickAsync(60_000)
    expect(beats).to.equal(beatsSoFar)
  })

  it('tells kafkajs of a rebalance only after the running handler has ended, which then counts', async () => {
    const work = gate()
    const heard: string[] = []
    const { fetch, beat, resolved } = setUp(['A', 'B'], async ({ eventType }) => {
      heard.push(eventType)
      await work.wait
    })
    const rebalance = new Error('rebalancing')
    beat(() => Promise.reject(rebalance))
    const handled = fetch().catch((error: unknown) => error)
    await clock.tickAsync(5_000)
    work.open()
    expect(await handled).to.equal(rebalance)
    expect(resolved()).to.equal(1)
    expect(heard).to.deep.equal(['A'])
  })

  it('pauses the partition between two tries', async () => {
    const heard: string[] = []
    const { fetch, isPaused, resolved, story } = setUp(
      ['A', 'B'],
      ({ eventType }) => {
        heard.push(eventType)
        if (eventType === 'A') throw new Error('no')
      },
      { attempts: 4 },
    )
    const waits: number[] = []
    for (;;) {
      await fetch()
      if (!isPaused()) break
      // Fetched too early, as after a rebalance: it goes on waiting.
      await fetch()
      const pausedAt = clock.now
      while (isPaused()) await clock.tickAsync(10)
      waits.push(clock.now - pausedAt)
    }
    expect(heard).to.deep.equal(['A', 'A', 'A', 'A', 'B'])
    expect(waits).to.have.lengthOf(3)
    expect(Math.max(...waits)).to.be.at.most(10_010)
    expect(story).to.deep.equal(['bury: its handler failed in each of 4 runs: no', 'handled 0', 'handled 1'])
    expect(resolved()).to.equal(2)
  })

  it('goes on only once the dead letter is acknowledged, and runs no handler meanwhile', async () => {
    const heard: string[] = []
    const { fetch, setTrouble, isPaused, resolved, story } = setUp(
      ['A', 'B'],
      ({ eventType }) => {
        heard.push(eventType)
        if (eventType === 'A') throw new Error('no')
      },
      { attempts: 1 },
    )
    setTrouble(new Error('Kafka is away'))
    for (let tries = 0; tries < 3; tries += 1) {
      await fetch()
      expect(resolved()).to.equal(0)
      while (isPaused()) await clock.tickAsync(10)
    }
    setTrouble(null)
    await fetch()
    expect(resolved()).to.equal(2)
    expect(heard).to.deep.equal(['A', 'B'])
    const buried = 'bury: its handler failed in each of 1 runs: no'
    expect(story).to.deep.equal([buried, buried, buried, buried, 'handled 0', 'handled 1'])
  })

  it('counts an event as not handled whose subscription ended before its handler', async () => {
    const { fetch, subscriber, subscribers, resolved, story } = setUp(['A'], () => new Promise(() => {}))
    const handled = fetch()
    await clock.tickAsync(1_000)
    subscribers.clear()
    const left = subscriber.leave()
    await clock.tickAsync(10_000)
    await Promise.all([handled, left])
    expect(resolved()).to.equal(0)
    expect(story).to.deep.equal([])
  })

  it('waits for no subscription that has ended, where others have handled the event', async () => {
    const { fetch, subscriber, subscribers, resolved, logger } = setUp(['A'], () => new Promise(() => {}))
    subscribers.add(new Subscriber(() => {}, undefined, logger))
    const handled = fetch()
    await clock.tickAsync(1_000)
    subscribers.delete(subscriber)
    const left = subscriber.leave()
    await clock.tickAsync(10_000)
    await Promise.all([handled, left])
    expect(resolved()).to.equal(1)
  })

  it('hands out nothing where nobody listens any more', async () => {
    const { fetch, subscribers, resolved } = setUp(['A'], () => {})
    subscribers.clear()
    await fetch()
    expect(resolved()).to.equal(0)
  })
})
