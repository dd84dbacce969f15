import type { Clock } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import type { Message, ProducerBatch } from 'kafkajs'
import { CacheError } from '#src/errors.js'
import type { KafkaClient } from '#src/kafka/kafka-client.js'
import { KafkaPublisher } from '#src/kafka/kafka-publisher.js'
import type { KafkaTopics } from '#src/kafka/kafka-topics.js'
import { install } from '../../support/fake-time.js'

const TOPIC = 'user.events'
const AWAY = Object.assign(new Error('connect ECONNREFUSED'), {
  name: 'KafkaJSConnectionError',
  retriable: true,
})
const REFUSED = Object.assign(new Error('too large'), {
  ...{ name: 'KafkaJSNonRetriableError', retriable: false },
  cause: { name: 'KafkaJSProtocolError', type: 'MESSAGE_TOO_LARGE', retriable: false },
})
const OUT_OF_ORDER = Object.assign(new Error('out of order'), {
  ...{ name: 'KafkaJSProtocolError', type: 'OUT_OF_ORDER_SEQUENCE_NUMBER', retriable: false },
})

/** A publisher whose Kafka takes a batch if `judge` does not throw. */
function setUp(judge: (values: readonly string[]) => void | Promise<void> = () => {}) {
  const batches: string[][] = []
  let producers = 0
  const producer = {
    connect: async () => {},
    disconnect: async () => {},
    async sendBatch({ topicMessages = [] }: ProducerBatch) {
      const values = topicMessages.flatMap(({ messages }) =>
        messages.map(({ value }) => String(value).slice(0, 9)),
      )
      batches.push(values)
      await judge(values)
    },
  }
  const client = {
    open: () => ({
      producer: () => {
        producers += 1
        return producer
      },
    }),
  }
  const topics = { ensure: async () => {}, forget: () => {} }
  const publisher = new KafkaPublisher(client as unknown as KafkaClient, topics as unknown as KafkaTopics)
  return {
    publisher,
    batches,
    producers: () => producers,
    publish: (...values: string[]) =>
      Promise.allSettled(values.map((value) => publisher.publish(TOPIC, { key: 'k', value } as Message))),
  }
}

function statuses(results: readonly PromiseSettledResult<void>[]): string[] {
  return results.map(({ status }) => status)
}

describe('KafkaPublisher', () => {
  let clock: Clock
  beforeEach(() => {
    clock = install({ toFake: ['setTimeout', 'clearTimeout'] })
  })
  afterEach(() => clock.uninstall())

  it('sends together what comes while another batch is under way, in the order in which it came', async () => {
    const { publish, batches } = setUp()
    expect(statuses(await publish('a', 'b', 'c'))).to.deep.equal(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(batches).to.deep.equal([['a'], ['b', 'c']])
  })

  it('makes no batch larger than brokers take', async () => {
    const { publish, batches } = setUp()
    const large = (name: string) => name.padEnd(9, '.') + 'x'.repeat(300_000)
    await publish('a', large('b'), large('c'), 'd')
    expect(batches).to.deep.equal([['a'], ['b........'], ['c........', 'd']])
  })

  for (const trouble of [AWAY, OUT_OF_ORDER]) {
    it(`sends again with another producer, in the same order, after: ${trouble.message}`, async () => {
      let tries = 0
      const { publish, batches, producers } = setUp(() => {
        tries += 1
        if (tries < 3) throw trouble
      })
      const published = publish('a', 'b')
      await clock.tickAsync(1_000)
      expect(statuses(await published)).to.deep.equal(['fulfilled', 'fulfilled'])
      expect(batches).to.deep.equal([['a'], ['a', 'b'], ['a', 'b']])
      expect(producers()).to.equal(3)
    })
  }

  it('rejects after ten seconds, says why, and does not send it any more', async () => {
    let isAway = true
    const { publish, batches } = setUp(() => {
      if (isAway) throw AWAY
    })
    const published = publish('a')
    await clock.tickAsync(9_000)
    expect(batches.length).to.be.above(1)
    await clock.tickAsync(1_100)
    const [result] = await published
    const { reason } = result as PromiseRejectedResult
    expect(reason).to.be.instanceOf(CacheError)
    expect(reason).to.include({ code: 'E_CACHE_BUS', where: `publish('${TOPIC}')`, cause: AWAY })
    expect(reason.message).to.include('connect ECONNREFUSED')
    const triesInAll = batches.length
    isAway = false
    await clock.tickAsync(1_000)
    const rest = publish('b')
    await clock.tickAsync(1_000)
    await rest
    expect(batches.slice(triesInAll)).to.deep.equal([['b']])
  })

  it('rejects at once what Kafka refuses, and only that', async () => {
    const { publish, batches } = setUp((values) => {
      if (values.includes('bad')) throw REFUSED
    })
    const published = publish('a', 'b', 'bad', 'c', 'd')
    await clock.tickAsync(1_000)
    const results = await published
    expect(statuses(results)).to.deep.equal(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
    expect((results[2] as PromiseRejectedResult).reason.message).to.include('too large')
    expect(batches).to.deep.equal([['a'], ['b', 'bad', 'c', 'd'], ['b'], ['bad'], ['c'], ['d']])
  })

  it('sends nothing once it is closed', async () => {
    const { publish, publisher, batches } = setUp()
    await publisher.close()
    const [result] = await publish('a')
    expect((result as PromiseRejectedResult).reason.message).to.include('the bus is closed')
    expect(batches).to.deep.equal([])
  })

  it('waits for what is being sent when it is closed, but not for ever', async () => {
    const { publish, publisher } = setUp(() => new Promise(() => {}))
    void publish('a')
    let isClosed = false
    const closed = publisher.close().then(() => {
      isClosed = true
    })
    await clock.tickAsync(1_000)
    expect(isClosed).to.equal(false)
    await clock.tickAsync(5_000)
    await closed
  })
})
