import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { CacheError } from '#src/errors.js'
import type { BusEvent, EventBus } from '#src/events/bus.js'
import { createKafkaBus, type KafkaBusOptions } from '#src/kafka/index.js'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { gate } from '../support/gate.js'
import { type KafkaServer, kafkaForTests, ownKafkaForTests } from '../support/kafka.js'
import { quietKafka, readMessages, writeMessages } from '../support/kafka-messages.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'
import { eventForTests } from '../unit/events/event-for-tests.js'
import { describeBusContract } from './bus-contract.js'

const APP = fileURLToPath(new URL('kafka-bus-app.js', import.meta.url))
const SOON = { deadlineMs: 30_000 }

describeBusContract('The Kafka bus', async (context) => {
  const brokers = await kafkaForTests(context)
  context.timeout(60_000)
  const groupId = randomUUID()
  const buses: EventBus[] = []
  return {
    open(options = {}) {
      const bus = createKafkaBus({ brokers, groupId, logger: recordingLogger(), ...options })
      buses.push(bus)
      return bus
    },
    topic: () => randomUUID(),
    async end() {
      await Promise.all(buses.map((bus) => bus.close()))
    },
  }
})

describe('The Kafka bus', function () {
  this.timeout(90_000)
  let brokers: readonly string[]
  let groupId: string
  let topic: string
  const buses: EventBus[] = []
  const processes: TestProcess[] = []

  before(async function () {
    brokers = await kafkaForTests(this)
  })
  beforeEach(() => {
    groupId = randomUUID()
    topic = randomUUID()
  })
  afterEach(async () => {
    await Promise.all(buses.splice(0).map((bus) => bus.close()))
    await Promise.all(processes.splice(0).map((child) => child.stop()))
  })

  function open(options: Partial<KafkaBusOptions> = {}) {
    const logger = recordingLogger()
    const bus = createKafkaBus({ brokers, groupId, logger, ...options })
    buses.push(bus)
    return { bus, logger }
  }

  async function startApp(): Promise<TestProcess> {
    const app = await startProcess(process.execPath, [APP, JSON.stringify({ brokers, groupId, topic })])
    processes.push(app)
    await until('the process to subscribe', () => app.output().includes('subscribed'), SOON)
    return app
  }

  describe('delivers once for all processes of a group', () => {
    it('hears what was published before anybody subscribed', async () => {
      const heard: string[] = []
      await open().bus.publish(topic, eventForTests('A'))
      await open().bus.subscribe(topic, ({ eventType }) => void heard.push(eventType))
      await until('the event', () => heard.length > 0, SOON)
    })

    it('hears again what a process was handling that was killed', async () => {
      const app = await startApp()
      const event = eventForTests('HANG')
      const { bus } = open()
      await bus.publish(topic, event)
      await until('the process to handle it', () => app.output().includes(event.eventId), SOON)
      process.kill(app.pid, 'SIGKILL')
      const heard: string[] = []
      await bus.subscribe(topic, ({ eventId }) => void heard.push(eventId))
      await until('the event again', () => heard.includes(event.eventId), SOON)
    })

    it('hears again what a handler had not ended when its bus was closed, and lets that process end', async () => {
      const app = await startApp()
      const event = eventForTests('HANG')
      const { bus } = open()
      await bus.publish(topic, event)
      await until('the process to handle it', () => app.output().includes(event.eventId), SOON)
      process.kill(app.pid, 'SIGTERM')
      await until('the process to end', () => app.exitCode() !== undefined, SOON)
      expect(app.output()).to.include('closed')
      expect(app.exitCode()).to.equal(0)
      const heard: string[] = []
      await bus.subscribe(topic, ({ eventId }) => void heard.push(eventId))
      await until('the event again', () => heard.includes(event.eventId), SOON)
    })

    it('loses nothing and keeps the order of each key while processes come and go', async () => {
      const heard: { by: string; key: unknown; number: unknown }[] = []
      const join = async (by: string) => {
        const { bus } = open({ partitions: 4 })
        await bus.subscribe(topic, async ({ data }) => {
          await new Promise((resolve) => setImmediate(resolve))
          heard.push({ by, key: data.key, number: data.number })
        })
        return bus
      }
      const keys = Array.from({ length: 8 }, (_, index) => `key ${index}`)
      const publisher = open({ partitions: 4 }).bus
      let published = 0
      const publishRound = async () => {
        const number = published++
        await Promise.all(
          keys.map((key) => publisher.publish(topic, eventForTests('ROUND', { key, number }), { key })),
        )
      }
      const publishUntil = async (what: string, condition: () => boolean) => {
        await until(
          what,
          async () => {
            await publishRound()
            return condition()
          },
          SOON,
        )
      }
      const hasHeard = (by: string) => () => heard.some((one) => one.by === by)
      const first = await join('first')
      await publishUntil('the first', hasHeard('first'))
      await join('second')
      await publishUntil('the second', hasHeard('second'))
      await first.close()
      await publishRound()
      await until(
        'all',
        () => new Set(heard.map((one) => `${one.key} ${one.number}`)).size === published * 8,
        SOON,
      )
      for (const key of keys) {
        const numbers = [...new Set(heard.filter((one) => one.key === key).map(({ number }) => number))]
        expect(numbers).to.deep.equal(Array.from({ length: published }, (_, index) => index))
      }
    })

    it('runs a handler again that rejects, and not the others', async () => {
      const heard: string[] = []
      const { bus, logger } = open()
      await bus.subscribe(topic, ({ eventType }) => void heard.push(`good ${eventType}`))
      await bus.subscribe(topic, async ({ eventType }) => {
        heard.push(`bad ${eventType}`)
        if (heard.filter((line) => line === 'bad A').length < 3) throw new Error('not yet')
      })
      await bus.publish(topic, eventForTests('A'), { key: 'k' })
      await bus.publish(topic, eventForTests('B'), { key: 'k' })
      await until('both', () => heard.includes('good B') && heard.includes('bad B'), SOON)
      expect(heard.toSorted()).to.deep.equal(['bad A', 'bad A', 'bad A', 'bad B', 'good A', 'good B'])
      expect(logger.at('warn')).to.have.lengthOf(1)
      expect(logger.at('warn')[0]).to.include('A handler of A').and.include('not yet')
    })
  })

  describe('puts what nobody can handle into the dead-letter topic', () => {
    const EVENTS = (name: string) => ({ [name]: { GOOD: true, BAD: true } }) as const

    it('with the reason, and goes on with the partition', async () => {
      const heard: string[] = []
      const { bus, logger } = open({ events: EVENTS(topic), retry: { attempts: 3, initialDelayMs: 1 } })
      await bus.publish(topic, eventForTests('GOOD'), { key: 'k' })
      const unknown = JSON.stringify(eventForTests('UNKNOWN'))
      const half = JSON.stringify({ ...eventForTests('GOOD'), data: undefined })
      const bad = JSON.stringify(eventForTests('BAD'))
      const values = ['{"eventType":', unknown, half, null, bad]
      await writeMessages(
        brokers,
        topic,
        values.map((value) => ({ key: 'k', value, headers: { trace: 'abc' } })),
      )
      await bus.publish(topic, eventForTests('GOOD'), { key: 'k' })
      await bus.subscribe(topic, async ({ eventType }) => {
        heard.push(eventType)
        if (eventType === 'BAD') throw new Error('never')
      })
      const dead = await readMessages(brokers, `${topic}.dead-letter`, 5)
      await until('the last event', () => heard.filter((type) => type === 'GOOD').length === 2, SOON)
      expect(heard).to.deep.equal(['GOOD', 'BAD', 'BAD', 'BAD', 'GOOD'])
      expect(dead.map(({ value }) => value)).to.deep.equal(values.map((value) => value ?? undefined))
      expect(dead.map(({ headers }) => headers['dead-letter-reason'])).to.deep.equal([
        'it is no JSON',
        `${topic} has no type UNKNOWN, it has GOOD, BAD`,
        'data is missing',
        'the event is no object',
        'its handler failed in each of 3 runs: never',
      ])
      for (const [index, { key, headers }] of dead.entries()) {
        expect(key).to.equal('k')
        expect(headers).to.include({
          trace: 'abc',
          'dead-letter-topic': topic,
          'dead-letter-offset': String(index + 1),
          'dead-letter-group': groupId,
        })
        expect(headers['dead-letter-partition']).to.match(/^\d+$/)
      }
      expect(logger.at('error')).to.have.lengthOf(5)
    })

    it('but only logs where every process hears it', async () => {
      const heard: string[] = []
      const { bus, logger } = open({ retry: { attempts: 2, initialDelayMs: 1 } })
      const joined = gate()
      await bus.subscribe(
        topic,
        async ({ eventType }) => {
          heard.push(eventType)
          if (eventType === 'BAD') throw new Error('never')
        },
        { delivery: 'every-process', onGap: async () => joined.open() },
      )
      await joined.wait
      await bus.publish(topic, eventForTests('BAD'), { key: 'k' })
      await bus.publish(topic, eventForTests('GOOD'), { key: 'k' })
      await until('the good one', () => heard.includes('GOOD'), SOON)
      expect(heard).to.deep.equal(['BAD', 'BAD', 'GOOD'])
      expect(logger.at('error')[0]).to.include('is passed over: its handler failed in each of 2 runs: never')
      const admin = quietKafka(brokers).admin()
      const topics = await admin.listTopics()
      await admin.disconnect()
      expect(topics).to.include(topic).and.not.include(`${topic}.dead-letter`)
    })
  })

  describe('delivers to every process', () => {
    it('each event from then on, after what may have been missed was made up for', async () => {
      const story: string[] = []
      await open().bus.publish(topic, eventForTests('EARLIER'))
      const join = async (name: string) => {
        const { bus } = open()
        await bus.subscribe(topic, ({ eventType }) => void story.push(`${name} ${eventType}`), {
          delivery: 'every-process',
          onGap: async () => void story.push(`${name} gap`),
        })
        await until('the group', () => story.includes(`${name} gap`), SOON)
        return bus
      }
      const first = await join('first')
      await join('second')
      await first.publish(topic, eventForTests('A'))
      await until('both', () => story.length === 4, SOON)
      expect(story.toSorted()).to.deep.equal(['first A', 'first gap', 'second A', 'second gap'])
    })

    it('holds an event back until that has worked', async () => {
      const story: string[] = []
      const { bus, logger } = open()
      const [joined, tried, mended] = [gate(), gate(), gate()]
      await bus.subscribe(topic, ({ eventType }) => void story.push(`other ${eventType}`), {
        delivery: 'every-process',
        onGap: async () => joined.open(),
      })
      await bus.subscribe(topic, ({ eventType }) => void story.push(eventType), {
        delivery: 'every-process',
        onGap: async () => {
          story.push('gap')
          if (story.length < 3) throw new Error('no store')
          tried.open()
          await mended.wait
        },
      })
      await Promise.all([joined.wait, tried.wait])
      await bus.publish(topic, eventForTests('A'))
      await until('the other', () => story.includes('other A'), SOON)
      mended.open()
      await until('the event', () => story.includes('A'), SOON)
      // It has joined after the first gap was noticed, which is one more.
      expect(story).to.deep.equal(['gap', 'gap', 'gap', 'other A', 'gap', 'A'])
      expect(logger.at('warn').join()).to.include('no store')
    })
  })

  describe('as a member of a group', () => {
    it('begins once for subscriptions that are made together', async () => {
      const { bus, logger } = open()
      const heard: string[] = []
      const topics = [topic, randomUUID(), randomUUID()]
      for (const one of topics) await bus.subscribe(one, () => void heard.push(one))
      for (const one of topics) await bus.publish(one, eventForTests('A'))
      await until('all', () => heard.length === 3, SOON)
      const starts = logger.lines.filter(({ message }) => message === 'kafkajs Consumer: Starting')
      expect(starts).to.have.lengthOf(1)
    })

    it('gives the topics it creates their partitions', async () => {
      await open({ partitions: 5 }).bus.publish(topic, eventForTests('A'))
      const admin = quietKafka(brokers).admin()
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
      await admin.disconnect()
      expect(topics[0]?.partitions).to.have.lengthOf(5)
    })

    it('rejects a publication that Kafka refuses, and only that one', async () => {
      const admin = quietKafka(brokers).admin()
      const configEntries = [{ name: 'max.message.bytes', value: '2000' }]
      await admin.createTopics({ topics: [{ topic, configEntries }] })
      await admin.disconnect()
      const { bus } = open()
      const outcomes = await Promise.allSettled(
        [1, 1, 5_000, 1].map((size) => bus.publish(topic, eventForTests('A', { text: 'x'.repeat(size) }))),
      )
      expect(outcomes.map(({ status }) => status)).to.deep.equal([
        ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
      ])
      const { reason } = outcomes[2] as PromiseRejectedResult
      expect(reason).to.be.instanceOf(CacheError)
      expect(reason.message).to.include('larger than the max message size')
    })

    it('takes no topic that Kafka would not', async () => {
      const { bus } = open()
      for (const name of ['', 'a b', '..', 'x'.repeat(240)]) {
        const refused = [bus.publish(name, eventForTests('A')), bus.subscribe(name, () => {})]
        for (const result of await Promise.allSettled(refused)) {
          expect((result as PromiseRejectedResult).reason?.code).to.equal('E_CACHE_BUS')
        }
      }
    })

    it('takes nothing once it is closed', async () => {
      const { bus } = open()
      await bus.close()
      const refused = [bus.publish(topic, eventForTests('A')), bus.subscribe(topic, () => {})]
      for (const result of await Promise.allSettled(refused)) {
        expect((result as PromiseRejectedResult).reason?.message).to.include('the bus is closed')
      }
    })
  })

  describe('in an outage of Kafka', () => {
    let kafka: KafkaServer

    before(async function () {
      kafka = await ownKafkaForTests(this)
    })
    after(() => kafka?.stop())

    const openOwn = () => open({ brokers: kafka.brokers })
    /** As an outbox does: again until it is acknowledged. */
    const untilPublished = (bus: EventBus, event: BusEvent) =>
      until(
        'an acknowledgement',
        () =>
          bus.publish(topic, event).then(
            () => true,
            () => false,
          ),
        SOON,
      )

    it('subscribes and publishes nevertheless, tells of it once, and hears as soon as Kafka is there', async () => {
      await kafka.goDown()
      const { bus, logger } = openOwn()
      const heard: string[] = []
      await bus.subscribe(topic, ({ eventType }) => void heard.push(eventType))
      const refusal: unknown = await bus
        .publish(topic, eventForTests('TOO SOON'))
        .catch((error: unknown) => error)
      expect(refusal).to.be.instanceOf(CacheError)
      expect((refusal as CacheError).message).to.match(/Kafka did not take the event: .*ECONNREFUSED/)
      await kafka.comeBack()
      await untilPublished(bus, eventForTests('A'))
      await until('the event', () => heard.includes('A'), SOON)
      expect(logger.at('warn')).to.have.lengthOf(1)
      expect(logger.at('warn')[0]).to.include('cannot hear Kafka')
      expect(logger.at('info')).to.deep.equal([`The group ${groupId} hears Kafka again`])
    })

    it('goes on after Kafka was killed and came back', async () => {
      const { bus, logger } = openOwn()
      const heard = new Set<string>()
      const heardHere = new Set<string>()
      const hear = (by: Set<string>) => (event: BusEvent) => void by.add(event.eventType)
      await bus.subscribe(topic, hear(heard))
      await bus.subscribe(topic, hear(heardHere), { delivery: 'every-process' })
      await until(
        'both groups to hear',
        async () => {
          await bus.publish(topic, eventForTests('BEFORE'))
          return heard.size + heardHere.size === 2
        },
        SOON,
      )
      await kafka.goDown('SIGKILL')
      await until('both to notice', () => logger.at('warn').length === 2, SOON)
      // Handed over before Kafka is there.
      const published = untilPublished(bus, eventForTests('MEANWHILE'))
      await kafka.comeBack()
      await published
      await untilPublished(bus, eventForTests('AFTER'))
      await until('all events', () => heard.size === 3 && heardHere.size === 3, SOON)
      expect(logger.at('warn')).to.have.lengthOf(2)
      expect(logger.at('info')).to.have.lengthOf(2)
    })

    it('goes on after Kafka was frozen for longer than a session', async () => {
      const { bus } = openOwn()
      const heard = new Set<string>()
      await bus.subscribe(topic, ({ eventType }) => void heard.add(eventType))
      await bus.publish(topic, eventForTests('BEFORE'))
      await until('the first', () => heard.size === 1, SOON)
      kafka.freeze()
      // It stops a moment later, and lets the first through now and then.
      await until(
        'a refusal',
        () =>
          bus.publish(topic, eventForTests('LOST')).then(
            () => false,
            (error) => error instanceof CacheError,
          ),
        SOON,
      )
      kafka.thaw()
      await untilPublished(bus, eventForTests('AFTER'))
      await until('the last', () => heard.has('AFTER'), SOON)
    })
  })
})
