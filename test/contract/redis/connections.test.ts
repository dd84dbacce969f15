import { expect } from 'chai'
import { Redis } from 'ioredis'
import { CacheError } from '#src/errors.js'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { freePort } from '../../support/free-port.js'
import { until } from '../../support/until.js'
import {
  DEADLINE_MS,
  expectUnavailable,
  failOnTrouble,
  operationsOf,
  redisStoreOfSuite,
} from './redis-store-of-suite.js'

describe('RedisStore', () => {
  const redis = redisStoreOfSuite()
  const { storeOn } = redis
  let url: string
  let keyPrefix: string
  beforeEach(() => {
    ;({ url, keyPrefix } = redis)
  })

  it('refuses a client with a key prefix of its own, and says what to do', () => {
    const prefixed = new Redis({ lazyConnect: true, keyPrefix: 'mine:' })
    expect(() => storeOn(prefixed))
      .to.throw(CacheError, 'createCache({ redis, keyPrefix })')
      .with.property('code', 'E_CACHE_OPTION')
    expect(prefixed.status).to.equal('wait')
  })

  it('connects a lazy client, which would otherwise wait for a first command forever', async () => {
    const lazy = new Redis(url, { lazyConnect: true })
    const own = storeOn(lazy)
    await own.ready()
    expect(own.isAvailable()).to.equal(true)
    expect(await own.get('a')).to.equal(null)
    await lazy.quit()
  })

  it('leaves a client that was passed in open and as it was', async () => {
    const passed = new Redis(url)
    const listeners = passed.listenerCount('error')
    const own = storeOn(passed)
    await own.ready()
    await own.close()
    expect(await passed.ping()).to.equal('PONG')
    expect(passed.listenerCount('error')).to.equal(listeners)
    await passed.quit()
  })

  it('ends a client of its own', async () => {
    const owned = connectRedis(url, { onTrouble: failOnTrouble })
    const own = new RedisStore({ client: owned, keyPrefix, deadlineMs: DEADLINE_MS, ownsClient: true })
    await own.ready()
    await own.close()
    await until('the client to end', () => owned.status === 'end')
  })

  describe('connections to where nothing listens', () => {
    let trouble: unknown[]
    let nowhere: Redis

    beforeEach(async () => {
      trouble = []
      const unreachable = `redis://127.0.0.1:${await freePort()}`
      nowhere = connectRedis(unreachable, { onTrouble: (error) => trouble.push(error) })
    })
    afterEach(() => nowhere.disconnect())

    it('are known to be down soon, reported, and fail every operation at once', async () => {
      const own = storeOn(nowhere)
      await own.ready()
      expect(own.isAvailable()).to.equal(false)
      expect(trouble).to.have.length.greaterThan(0)
      for (const operation of operationsOf(own)) {
        const startedAt = performance.now()
        await expectUnavailable(operation())
        expect(performance.now() - startedAt).to.be.below(100)
      }
    })

    it('end without delay', async () => {
      const own = new RedisStore({ client: nowhere, keyPrefix, deadlineMs: 50, ownsClient: true })
      await own.ready()
      const startedAt = performance.now()
      await own.close()
      expect(performance.now() - startedAt).to.be.below(250)
      await until('the client to end', () => nowhere.status === 'end')
    })

    it('do not make a queueing client’s operations wait', async () => {
      const queueing = new Redis(nowhere.options.port as number, { enableOfflineQueue: true })
      const own = new RedisStore({
        client: queueing,
        keyPrefix,
        deadlineMs: DEADLINE_MS,
        ownsClient: false,
        onTrouble: (error) => trouble.push(error),
      })
      await own.ready()
      const startedAt = performance.now()
      await expectUnavailable(own.get('a'))
      expect(performance.now() - startedAt).to.be.below(100)
      queueing.disconnect()
    })
  })
})
