import { expect } from 'chai'
import { Redis } from 'ioredis'
import { CacheError } from '#src/errors.js'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { freePort } from '../../support/free-port.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { describeOnEachClient, type TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'
import {
  DEADLINE_MS,
  expectUnavailable,
  failOnTrouble,
  operationsOf,
  redisStoreOfSuite,
} from './redis-store-of-suite.js'

describeOnEachClient('RedisStore', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { storeOn } = redis
  let url: string
  let keyPrefix: string
  beforeEach(() => {
    ;({ url, keyPrefix } = redis)
  })

  it('connects a lazy client, which would otherwise wait for a first command forever', async () => {
    const lazy = kind.openLazily(url, failOnTrouble)
    const own = storeOn(lazy.client)
    await own.ready()
    expect(own.isAvailable()).to.equal(true)
    expect(await own.get('a')).to.equal(null)
    await own.close()
    lazy.end()
  })

  it('leaves a client alone that the application is about to connect, until it is needed', async () => {
    const lazy = kind.openLazily(url, failOnTrouble)
    const own = storeOn(lazy.client)
    await lazy.client.connect()
    await own.ready()
    expect(await own.get('a')).to.equal(null)
    await own.close()
    lazy.end()
  })

  it('connects with the first command where nobody waits for it to be ready', async () => {
    const lazy = kind.openLazily(url, failOnTrouble)
    const own = storeOn(lazy.client)
    await expectUnavailable(own.get('a'))
    await until('a connection', () => own.isAvailable())
    expect(await own.get('a')).to.equal(null)
    await own.close()
    lazy.end()
  })

  it('does not connect a client again that the application has ended', async () => {
    const ended = kind.open(url, failOnTrouble)
    const own = storeOn(ended.client)
    await own.ready()
    ended.end()
    await until('its end', () => !ended.isReady())
    for (const operation of operationsOf(own)) await expectUnavailable(operation())
    await own.ready()
    expect(own.isAvailable()).to.equal(false)
    await own.close()
  })

  it('leaves a client that was passed in open and as it was', async () => {
    const passed = kind.open(url, failOnTrouble)
    const { client } = passed as unknown as { client: Redis }
    const events = ['error', 'ready', 'connect', 'close', 'end', 'message']
    const count = () => events.map((event) => client.listenerCount(event))
    const own = storeOn(passed.client)
    await own.ready()
    const listeners = count()
    const another = storeOn(passed.client)
    await another.get('a')
    await another.close()
    expect(count()).to.deep.equal(listeners)
    expect(await client.ping()).to.equal('PONG')
    expect(await own.get('a')).to.equal(null)
    await own.close()
    passed.end()
  })

  it('ends a client of its own', async () => {
    const owned = kind.open(url, failOnTrouble)
    const own = new RedisStore({ client: owned.client, keyPrefix, deadlineMs: DEADLINE_MS, ownsClient: true })
    await own.ready()
    await own.close()
    await until('the client to end', () => !owned.isReady())
  })

  describe('connections to where nothing listens', () => {
    let trouble: unknown[]
    let nowhere: TestedClient
    let unreachable: string

    beforeEach(async () => {
      trouble = []
      unreachable = `redis://127.0.0.1:${await freePort()}`
      nowhere = kind.open(unreachable, (error) => trouble.push(error))
    })
    afterEach(() => nowhere.end())

    it('are known to be down soon, reported, and fail every operation at once', async () => {
      const own = storeOn(nowhere.client)
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
      const own = new RedisStore({ client: nowhere.client, keyPrefix, deadlineMs: 50, ownsClient: true })
      await own.ready()
      const startedAt = performance.now()
      await own.close()
      expect(performance.now() - startedAt).to.be.below(1_000)
      expect(nowhere.isReady()).to.equal(false)
    })
  })

  describe('a database that the server does not have', () => {
    let server: RedisServer
    before(async function () {
      server = await ownRedisForTests(this)
    })
    after(() => server?.stop())

    it('is a mistake that is told at the start, and nothing is done in another one', async () => {
      const lost = kind.open(`${server.url}/20`)
      const own = storeOn(lost.client)
      const mistake = await own.ready().catch((error: unknown) => error)
      expect(mistake)
        .to.be.instanceOf(CacheError)
        .with.property('message')
        .that.includes('the server has no database 20')
      expect(mistake).to.have.property('code', 'E_CACHE_OPTION')
      for (const operation of operationsOf(own))
        expect(await operation().catch(() => 'failed')).to.equal('failed')
      const admin = new Redis(server.url)
      expect(await admin.dbsize()).to.equal(0)
      await admin.quit()
      await own.close()
      lost.end()
    })

    it('is no mistake where it has it', async () => {
      const found = kind.open(`${server.url}/15`, failOnTrouble)
      const own = storeOn(found.client)
      await own.ready()
      await own.set('a', Buffer.from('x'), 60_000)
      const admin = new Redis(`${server.url}/15`)
      expect(await admin.get(`${keyPrefix}a`)).to.equal('x')
      await admin.quit()
      await own.close()
      found.end()
    })
  })
})

describe('RedisStore', () => {
  it('refuses a client with a key prefix of its own, and says what to do', () => {
    const client = new Redis({ lazyConnect: true, keyPrefix: 'mine:' })
    expect(() => new RedisStore({ client, keyPrefix: '', deadlineMs: DEADLINE_MS, ownsClient: false }))
      .to.throw(CacheError, 'createCache({ redis, keyPrefix })')
      .with.property('code', 'E_CACHE_OPTION')
    expect(client.status).to.equal('wait')
  })

  it('does not make a queueing client’s operations wait where nothing listens', async () => {
    const queueing = new Redis(await freePort(), { enableOfflineQueue: true })
    const trouble: unknown[] = []
    const own = new RedisStore({
      client: queueing,
      keyPrefix: '',
      deadlineMs: DEADLINE_MS,
      ownsClient: false,
      onTrouble: (error) => trouble.push(error),
    })
    await own.ready()
    const startedAt = performance.now()
    await expectUnavailable(own.get('a'))
    expect(performance.now() - startedAt).to.be.below(100)
    expect(trouble).to.have.length.greaterThan(0)
    queueing.disconnect()
    await own.close()
  })

  it('ends a connection of its own', async () => {
    const owned = connectRedis(`redis://127.0.0.1:${await freePort()}`, { onTrouble: () => {} })
    const own = new RedisStore({ client: owned, keyPrefix: '', deadlineMs: 50, ownsClient: true })
    await own.ready()
    await own.close()
    await until('the client to end', () => owned.status === 'end')
  })
})
