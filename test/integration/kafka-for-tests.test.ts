import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { type KafkaServer, kafkaForTests, ownKafkaForTests } from '../support/kafka.js'
import { until } from '../support/until.js'

describe('the Kafka of the tests', () => {
  it('is one for all suites', async function () {
    expect(await kafkaForTests(this)).to.deep.equal(await kafkaForTests(this))
    expect(await topicsOf(await kafkaForTests(this))).to.be.an('array')
  })

  describe('one of its own', () => {
    let kafka: KafkaServer

    before(async function () {
      kafka = await ownKafkaForTests(this)
    })

    after(() => kafka?.stop())

    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      it(`comes back on the same port with its data after ${signal}`, async () => {
        const topic = randomUUID()
        await withAdmin(kafka.brokers, (admin) => admin.createTopics({ topics: [{ topic }] }))
        await kafka.goDown(signal)
        expect(await topicsOf(kafka.brokers).catch((error: Error) => error.message)).to.include(
          'ECONNREFUSED',
        )
        await kafka.comeBack()
        await until('the topic', async () => (await topicsOf(kafka.brokers)).includes(topic))
      })
    }

    it('answers nothing while frozen, and goes on when thawed', async () => {
      kafka.freeze()
      const answer = topicsOf(kafka.brokers)
      const whileFrozen = await Promise.race([answer, sleep(500, 'silence')])
      kafka.thaw()
      expect(whileFrozen).to.equal('silence')
      expect(await answer).to.be.an('array')
    })
  })
})

function topicsOf(brokers: readonly string[]): Promise<string[]> {
  return withAdmin(brokers, (admin) => admin.listTopics())
}

async function withAdmin<T>(brokers: readonly string[], act: (admin: Admin) => Promise<T>): Promise<T> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const admin = kafka.admin()
  try {
    await admin.connect()
    return await act(admin)
  } finally {
    await admin.disconnect()
  }
}
