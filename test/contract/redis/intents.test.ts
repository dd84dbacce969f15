import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { TieredStore } from '#src/stores/tiered/tiered-store.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'
import { describeIntents } from '../store/intents.js'
import { NO_GRACE, namesUnder, redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

const USER = { kind: 'key', key: 'user:1' } as const

describeOnEachClient('intents in Redis', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const intents = () => `${redis.keyPrefix}#intents`
  const kindOf = async (key: string) => (await redis.store.lookup(key, NO_GRACE)).kind

  describeIntents('RedisStore', async () => ({
    store: redis.store,
    notifiesWaiters: true,
    eventually: until,
    async end() {},
  }))

  // Copies need messages on the connection that brings the values.
  if (kind.speaksResp3)
    describeIntents('TieredStore', async () => {
      const store = new TieredStore(redis.storeOn(redis.tested), { maxBytes: 1_000_000, maxAgeMs: TTL_MS })
      await store.heartbeat({ heard: 0, rollCall: 'none' })
      return { store, notifiesWaiters: true, eventually: until, end: () => store.close() }
    })

  if (kind.speaksResp3)
    it('are told to the processes that hold copies', async () => {
      const other = new TieredStore(redis.storeOn(redis.tested), { maxBytes: 1_000_000, maxAgeMs: TTL_MS })
      await other.heartbeat({ heard: 0, rollCall: 'none' })
      await redis.write('user:1')
      await until('a copy', async () => {
        await other.lookup('user:1', NO_GRACE)
        return other.hit('user:1', 0) !== null
      })
      await redis.store.intend('token', [USER], 60_000)
      await until('no copy', async () => other.hit('user:1', 0) === null)
      await other.close()
    })

  it('expire, and leave nothing behind once they are settled', async () => {
    await redis.store.intend('token', [USER], 60_000)
    expect(await redis.client.pttl(intents())).to.be.within(50_000, 60_000)
    await redis.store.evict([USER], 'token')
    expect(await namesUnder(redis.client, redis.keyPrefix)).to.not.include(intents())
  })

  it('stand while Redis counts everything as missing since a process has vanished', async () => {
    await redis.store.intend('token', [USER], 60_000)
    await redis.client.del(redis.index(), `${redis.keyPrefix}#fences`)
    expect(await kindOf('user:1')).to.equal('intended')
  })

  it('are void where others have written junk, which goes', async () => {
    const seed = randomBytes(4).toString('hex')
    const junk = [
      '',
      'x',
      '\x93\x01\x02\x03',
      '\x94\xcb',
      ...Array.from({ length: 50 }, () => randomBytes(20)),
    ]
    // As an intent that is void, and names no selectors.
    for (const selectors of ['\x91\x07', '\x91\x80', '\x91\x81\xa4kind\xa3tag']) {
      junk.push(Buffer.from(`\x94\x01${selectors}\x00\x90`, 'latin1'))
    }
    for (const [nth, bytes] of junk.entries()) await redis.client.hset(intents(), `${seed}-${nth}`, bytes)
    expect(await kindOf('user:1')).to.equal('lease')
    expect(await redis.client.hlen(intents())).to.equal(0)
    await redis.client.set(intents(), 'a text')
    expect(await kindOf('user:2')).to.equal('lease')
    await redis.client.set(intents(), 'a text')
    await redis.store.intend('token', [USER], 60_000)
    expect(await kindOf('user:1')).to.equal('intended')
  })
})
