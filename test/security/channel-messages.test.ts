import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { createCache } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { adminClient } from '../support/redis-admin.js'
import { until } from '../support/until.js'
import { startVictim, type Victim } from './victim.js'

const glob = (text: string): string => JSON.stringify([{ kind: 'glob', glob: text }])

const WORDS: Readonly<Record<string, string>> = {
  'a glob of 100,000 stars': glob('a*'.repeat(100_000)),
  'a glob of 5,000,000 characters': glob(`${'a'.repeat(5_000_000)}*`),
  'a glob of 300,000 classes': glob('[a-z]'.repeat(300_000)),
  'a pattern of 1,000,000 segments': JSON.stringify([{ kind: 'pattern', pattern: '*:'.repeat(1_000_000) }]),
  'a key of 5,000,000 characters': JSON.stringify([{ kind: 'key', key: 'a'.repeat(5_000_000) }]),
  '200,000 keys': JSON.stringify(
    Array.from({ length: 200_000 }, (_, nth) => ({ kind: 'key', key: `row:${nth}` })),
  ),
  '200,000 globs': JSON.stringify(
    Array.from({ length: 200_000 }, (_, nth) => ({ kind: 'glob', glob: `row:*${nth}*` })),
  ),
  '200,000 patterns': JSON.stringify(
    Array.from({ length: 200_000 }, (_, nth) => ({ kind: 'pattern', pattern: `*:${nth}:*` })),
  ),
  'nested lists': '['.repeat(200_000),
  'no JSON': 'rubbish',
  null: '[null]',
  'a selector without its text': '[{"kind":"glob"}]',
  'a kind that Object.prototype has': '[{"kind":"constructor"}]',
}

describe('a word on a channel', () => {
  let redis: string
  let admin: Redis
  let keyPrefix: string
  let victim: Victim

  before(async function () {
    redis = await redisForTests(this)
    admin = adminClient(Number(new URL(redis).port))
  })
  after(() => admin?.disconnect())
  beforeEach(async () => {
    keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    const memory = { maxBytes: 10_000_000, maxAgeMs: 3_600_000 }
    victim = await startVictim({ options: { redis, keyPrefix, deadlineMs: 5_000, memory } })
    await until('a hit', async () => (await victim.ask('/rows/1')).xCache === 'HIT')
  })
  afterEach(async () => {
    await victim.stop()
    const cache = createCache({ redis, keyPrefix, deadlineMs: 5_000, logger: recordingLogger() })
    await cache.deletePattern('*')
    await cache.close()
  })

  /** Whatever channels this cache has. */
  async function channels(): Promise<string[]> {
    return ((await admin.call('PUBSUB', 'CHANNELS', '*')) as string[]).filter((name) =>
      name.includes(keyPrefix),
    )
  }

  for (const [what, word] of Object.entries(WORDS)) {
    it(`that is ${what} ends nothing and keeps nobody waiting`, async () => {
      // So that there is something to go through.
      for (let nth = 0; nth < 50; nth++) await victim.ask(`/rows/${nth}`)
      const names = await channels()
      expect(names).not.to.have.lengthOf(0)
      for (const name of names) await admin.publish(name, word)
      expect(await victim.health()).to.equal('well')
      expect((await victim.ask('/rows/1')).status).to.equal(200)
    })
  }

  for (const what of ['no JSON', '200,000 keys', 'a glob of 100,000 stars'] as const) {
    it(`that is ${what} means everything: no copy is used any more`, async () => {
      await until('a hit from the copy', async () => (await victim.ask('/rows/1')).xCache === 'HIT')
      // Nobody sends word of this.
      await admin.set(`${keyPrefix}row:1`, '{"id":"newer"}', 'PX', 600_000)
      expect((await victim.ask('/rows/1')).text).to.contain('of the handler')
      for (const name of await channels()) await admin.publish(name, WORDS[what] as string)
      await until('the newer value', async () => (await victim.ask('/rows/1')).text === '{"id":"newer"}', {
        deadlineMs: 3_000,
      })
    })
  }
})
