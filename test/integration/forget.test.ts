import { expect } from 'chai'
import type { Cache, CacheEvent } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { partsOf } from '#src/cache-parts.js'
import { recordedEvents } from '#src/monitoring/process-report.js'
import { namesUnder } from '../contract/redis/redis-store-of-suite.js'
import { answerOf } from '../support/answer-of.js'
import { startFaultProxy } from '../support/fault-proxy.js'
import { type Gate, gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { onEachPlace } from '../support/on-each-place.js'
import { quietExpress } from '../support/quiet-express.js'
import { until } from '../support/until.js'

onEachPlace('cache.forget()', (caches) => {
  const listen = serversOfSuite()
  const { place, makeCache } = caches

  /** A process whose answers name their author by a tag; what loads waits for what `loading` gives. */
  async function serve(cache: Cache, loading: () => Promise<void> | undefined = () => undefined) {
    const app = quietExpress()
    app.get(
      '/users/:id',
      cache.cacheable('user:{id}', 60, { vary: ['accept-language'] }),
      async (req, res) => {
        await loading()
        res.json({ id: req.params.id })
      },
    )
    const tags = ['author:{result.author}']
    app.get('/news/:id', cache.cacheable('n{id}', 60, { tags }), async (req, res) => {
      await loading()
      res.json({ author: Number(req.params.id) % 10 })
    })
    app.get('/posts', cache.cacheable('posts:{url}', 60), (_req, res) => void res.json([]))
    await cache.ready(app)
    const url = await listen(app)
    const ask = async (path: string) => (await answerOf(url + path)).xCache
    const states = async (...paths: string[]) => {
      const seen: (string | null)[] = []
      for (const path of paths) seen.push(await ask(path))
      return seen
    }
    return { ask, states }
  }

  it('removes what names somebody, whoever stored it, and nothing else, and says how many that was', async () => {
    const cache = makeCache()
    const events: CacheEvent[] = []
    cache.observe((event) => events.push(event))
    const { states } = await serve(cache)
    await cache.set('profile:4', 1)
    await cache.wrap('sum:4:2026', 60, () => 1)
    await cache.wrap('digest', 60, () => 1, { tags: ['reader-4'] })
    const theirs = ['/users/4', '/news/4', '/news/14', '/posts?by=4']
    const others = ['/users/44', '/news/45', '/posts?by=14']
    await states(...theirs, ...others)
    await cache.set('profile:40', 2)

    // An answer leaves before it is stored.
    await until('all is stored', () => events.filter(({ type }) => type === 'fill').length === 9)
    events.length = 0
    const before = Date.now()
    const receipt = await cache.forget({ user: 4 })
    expect(receipt).to.deep.include({ removed: 7, tables: [], acknowledged: true })
    expect(receipt.at.getTime()).to.be.within(before, Date.now())
    expect(events.map(({ type }) => type)).to.deep.equal(['evict'])
    expect(events[0]).to.deep.include({ by: 'cache.forget', removed: 7 })
    expect(JSON.stringify(Object(events[0]).targets)).not.to.match(/\b4\b/)

    expect(await states(...others)).to.deep.equal(others.map(() => 'HIT'))
    expect(await cache.getMany(['profile:4', 'profile:40', 'sum:4:2026', 'digest'])).to.deep.equal([
      null,
      2,
      null,
      null,
    ])
    expect(await states(...theirs)).to.deep.equal(theirs.map(() => 'MISS'))
  })

  it('lets nothing be stored that was loading, whether its key names somebody or a tag that comes late', async () => {
    const cache = makeCache()
    let load: Gate | undefined = gate()
    let begun = 0
    const { ask, states } = await serve(cache, () => {
      begun += 1
      return load?.wait
    })
    const early = Promise.all(['/users/4', '/news/14', '/users/5'].map(ask))
    await until('all loads have begun', () => begun === 3)
    await cache.forget({ user: 4 })
    const { open } = load
    load = undefined
    // Who comes now joins none of those.
    expect(await states('/users/4')).to.deep.equal(['MISS'])
    open()
    expect(await early).to.deep.equal(['MISS', 'MISS', 'MISS'])
    expect(await states('/users/4', '/news/14', '/users/5')).to.deep.equal(['HIT', 'MISS', 'HIT'])
  })

  it('drops what this process remembers of somebody beside the entries', async () => {
    const cache = makeCache()
    const { ask, states } = await serve(cache)
    await states('/users/4', '/users/4', '/users/5', '/news/14')
    await cache.delete('user:4')
    const { monitor } = partsOf(cache)
    const named = () =>
      recordedEvents(monitor).filter((event) =>
        /(?<![\d.])4(?![\d.])/.test(JSON.stringify([event.key, event.text])),
      )
    expect(named()).to.have.lengthOf.at.least(3)
    const others = recordedEvents(monitor).filter(({ key }) => key?.startsWith('user:5'))
    const [users] = [...partsOf(cache).registry.list()]
    const biggest = () => (users?.kind === 'cacheable' ? monitor.record(users).biggest?.key : 'no rule')
    expect(biggest()).to.match(/^user:4/)
    await cache.forget({ user: 4 })
    expect(named()).to.deep.equal([])
    expect(recordedEvents(monitor).filter(({ key }) => key?.startsWith('user:5'))).to.deep.equal(others)
    expect(biggest()).to.equal(undefined)
    await ask('/users/4')
    expect(named()).to.have.lengthOf.at.least(1)
  })

  it('removes what the front lane answers, which has to be shown again what a URL means', async () => {
    const cache = makeCache()
    let seen = 0
    const app = quietExpress()
    app.use((_req, _res, next) => {
      seen += 1
      next()
    })
    app.get(
      '/pages/:id',
      cache.cacheable('page:{id}', 60, { visibility: 'public' }),
      (_req, res) => void res.json({}),
    )
    await cache.ready(app)
    const url = await listen(cache.front(app))
    const ask = async () => (await answerOf(`${url}/pages/4`)).xCache
    await until('the lane answers', async () => {
      const before = seen
      return (await ask()) === 'HIT' && seen === before
    })
    const before = seen
    await cache.forget({ user: 4 })
    expect([await ask(), await ask()]).to.deep.equal(['MISS', 'HIT'])
    expect(seen).to.equal(before + 2)
  })

  if (place === 'process') return

  it('reaches what another process stored, by rules of its own, and its copies', async () => {
    const [one, other] = [makeCache(), makeCache()]
    await one.ready()
    const { states } = await serve(other)
    const paths = ['/users/4', '/news/14', '/users/5']
    await states(...paths)
    expect(await states(...paths)).to.deep.equal(['HIT', 'HIT', 'HIT'])
    expect(await one.forget({ user: 4 })).to.deep.include({ removed: 2, acknowledged: true })
    expect(await states(...paths)).to.deep.equal(['MISS', 'MISS', 'HIT'])
  })

  if (place !== 'redis') return

  it('lets other processes drop what they remember beside the entries', async () => {
    const [one, other] = [makeCache(), makeCache()]
    await one.ready()
    const { states } = await serve(other)
    await states('/users/4', '/users/5')
    const keys = () => recordedEvents(partsOf(other).monitor).map(({ key }) => key)
    expect(keys().some((key) => key?.startsWith('user:4'))).to.equal(true)
    await one.forget({ user: 4 })
    await until('the other has heard of it', () => !keys().some((key) => key?.startsWith('user:4')))
    expect(keys().some((key) => key?.startsWith('user:5'))).to.equal(true)
  })

  it('leaves nothing in Redis that has the name, neither in the index nor in what is noted of evictions', async () => {
    const admin = caches.redis?.admin as Redis
    const cache = makeCache()
    const { states } = await serve(cache)
    await states('/users/sesame')
    for (const _ of [1, 2]) {
      await cache.wrap('k', 60, () => 1, { tags: ['by:sesame'] })
      await cache.deleteTags('by:sesame')
    }
    await cache.wrap('k', 60, () => 1, { tags: ['by:sesame'] })
    // The index has pages of a hundred keys, each of which is called by the key that it begins with.
    const others = Array.from({ length: 400 }, (_, nth) => `other:${nth}`)
    const theirs = others.map((key) => `${key}:sesame`)
    await Promise.all([...theirs, ...others].map((key) => cache.set(key, 1)))
    expect(await textsUnder(admin, caches.keyPrefix)).to.match(/sesame/)
    expect(await cache.forget({ user: 'sesame' })).to.deep.include({ removed: 402 })
    expect(await textsUnder(admin, caches.keyPrefix)).not.to.match(/sesame/)
    expect(await cache.getMany(others)).to.deep.equal(others.map(() => 1))
    expect(await cache.deletePattern('other:*')).to.equal(400)
  })

  it('is owed where Redis does not answer, says so in time, and is delivered', async () => {
    const { hostname: host, port } = new URL(String(caches.redis?.redis))
    const proxy = await startFaultProxy({ host, port: Number(port) })
    const [cut, other] = [makeCache({ redis: proxy.url, deadlineMs: 200 }), makeCache()]
    try {
      await cut.ready()
      await other.ready()
      for (const key of ['user:4', 'user:5']) await other.set(key, 1)
      await proxy.fault('refuse')
      expect(await cut.forget({ user: 4 }, { waitMs: 100 })).to.deep.include({
        removed: null,
        acknowledged: false,
      })
      expect(cut.status().owedEvictions).to.be.greaterThan(0)
      const waiting = cut.forget({ user: 5 }, { waitMs: 60_000 })
      await proxy.heal()
      expect(await waiting).to.deep.include({ removed: null, acknowledged: true })
      expect(await other.getMany(['user:4', 'user:5'])).to.deep.equal([null, null])

      await proxy.fault('refuse')
      const closing = cut.forget({ user: 6 }, { waitMs: 60_000 })
      await until('it is owed', () => cut.status().owedEvictions > 0)
      await cut.close()
      expect(await closing).to.deep.include({ removed: null, acknowledged: false })
    } finally {
      await proxy.close()
    }
  })
})

/** All that lies under a prefix, with its names. */
async function textsUnder(admin: Redis, keyPrefix: string): Promise<string> {
  // What all processes are told lies there for some seconds.
  const names = (await namesUnder(admin, keyPrefix)).filter((name) => !name.endsWith('#questions'))
  const texts = names.map(async (name) => {
    const type = await admin.type(name)
    if (type === 'zset') return [name, ...(await admin.zrange(name, '0', '-1'))]
    if (type === 'hash') return [name, ...Object.entries(await admin.hgetall(name)).flat()]
    return [name, await admin.get(name)]
  })
  return JSON.stringify(await Promise.all(texts))
}
