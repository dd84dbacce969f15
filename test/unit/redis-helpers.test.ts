import { expect } from 'chai'
import { createCache } from '#src/cache.js'
import {
  cacheDel,
  cacheDelPattern,
  cacheGet,
  cacheSet,
  disconnectRedis,
  getRedis,
  initRedis,
} from '#src/redis-helpers.js'
import { rejection } from './thrown.js'

describe('the Redis helpers', () => {
  const { REDIS_URL } = process.env

  beforeEach(() => {
    delete process.env.REDIS_URL
  })

  afterEach(async () => {
    await disconnectRedis()
    if (REDIS_URL === undefined) delete process.env.REDIS_URL
    else process.env.REDIS_URL = REDIS_URL
  })

  async function expectNothing(): Promise<void> {
    expect(getRedis()).to.equal(null)
    expect(await cacheSet('user:1', { id: 1 }, 60)).to.equal(false)
    expect(await cacheGet('user:1')).to.equal(null)
    expect(await cacheDel('user:1')).to.equal(false)
    expect(await cacheDelPattern('user:*')).to.equal(0)
  }

  it('answer that there is nothing before they are connected', expectNothing)

  it('answer that there is nothing when REDIS_URL is not set', async () => {
    expect(await initRedis()).to.equal(null)
    await expectNothing()
  })

  it('answer that there is nothing when REDIS_URL is empty', async () => {
    process.env.REDIS_URL = ''
    expect(await initRedis()).to.equal(null)
    await expectNothing()
  })

  it('are disconnected however often one asks for it', async () => {
    await disconnectRedis()
    await disconnectRedis()
    await expectNothing()
  })

  it('refuse a REDIS_URL that is none, without repeating it', async () => {
    process.env.REDIS_URL = 'http://user:secret@localhost'
    const error = await rejection(initRedis())
    expect(error.code).to.equal('E_CACHE_OPTION')
    expect(error.message).not.to.include('secret')
    await expectNothing()
  })

  describe('on a cache that exists', () => {
    it('work on its values', async () => {
      const cache = createCache()
      expect(await initRedis(cache)).to.equal(null)
      expect(await cacheSet('user:1', { id: 1 }, 60)).to.equal(true)
      expect(await cacheSet('user:10', { id: 10 }, 60)).to.equal(true)
      expect(await cache.get('user:1')).to.deep.equal({ id: 1 })
      await cache.set('user:2', [2])
      expect(await cacheGet('user:2')).to.deep.equal([2])

      expect(await cacheDel('user:1')).to.equal(true)
      expect(await cacheDel('user:1')).to.equal(false)
      expect(await cacheGet('user:10')).to.deep.equal({ id: 10 })
      expect(await cacheDelPattern('user:*')).to.equal(2)
      expect(await cacheGet('user:10')).to.equal(null)
    })

    it('give false, zero and the empty text back as they are', async () => {
      await initRedis(createCache())
      for (const value of [false, 0, '']) {
        expect(await cacheSet('k', value)).to.equal(true)
        expect(await cacheGet('k')).to.equal(value)
      }
    })

    it('refuse a TTL that is none', async () => {
      await initRedis(createCache())
      expect((await rejection(cacheSet('k', 1, 0))).code).to.equal('E_CACHE_TTL')
      expect((await rejection(cacheSet('k', 1, Number.NaN))).code).to.equal('E_CACHE_TTL')
    })

    it('let go of it without closing it', async () => {
      const cache = createCache()
      await initRedis(cache)
      await cacheSet('user:1', 1)
      await disconnectRedis()
      await expectNothing()
      expect(await cache.get('user:1')).to.equal(1)
    })

    it('change over to another', async () => {
      const [one, other] = [createCache(), createCache()]
      await initRedis(one)
      await initRedis(other)
      await cacheSet('user:1', 1)
      expect(await one.get('user:1')).to.equal(null)
      expect(await other.get('user:1')).to.equal(1)
    })
  })
})
