import { expect } from 'chai'
import type { Cache, CacheEvent } from 'express-cacheable'
import type { Cluster, Redis } from 'ioredis'
import { answerOf } from '../support/answer-of.js'
import { type Gate, gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { onEachPlace } from '../support/on-each-place.js'
import { quietExpress } from '../support/quiet-express.js'
import { until } from '../support/until.js'

onEachPlace('cache.clear()', (caches) => {
  const listen = serversOfSuite()
  const { place, makeCache } = caches

  /** A process; `GET /rows/:id` counts the calls of its handler, and waits for what `loading` gives. */
  async function serve(cache: Cache, loading: () => Promise<void> | undefined = () => undefined) {
    let calls = 0
    const app = quietExpress()
    app.get(
      '/rows/:id',
      cache.cacheable('row:{id}', 60, { vary: ['accept-language'] }),
      async (_req, res) => {
        calls += 1
        const call = calls
        await loading()
        res.json({ call })
      },
    )
    await cache.ready(app)
    const url = await listen(app)
    return async (id: number, language = 'en') => {
      const answer = await answerOf(`${url}/rows/${id}`, { headers: { 'accept-language': language } })
      return `${answer.xCache} ${answer.text}`
    }
  }

  it('removes all that was stored, says how many that was, and tells it as an eviction', async () => {
    const cache = makeCache()
    const events: CacheEvent[] = []
    cache.observe((event) => events.push(event))
    const ask = await serve(cache)
    await cache.set('other:1', 1)
    await cache.set('single', 2)
    expect(await ask(1)).to.equal('MISS {"call":1}')
    expect(await ask(1, 'de')).to.equal('MISS {"call":2}')
    expect(await ask(1)).to.equal('HIT {"call":1}')

    // An answer leaves before it is stored, and a copy is given without a word to Redis.
    await until('all is stored', () => events.filter(({ type }) => type === 'fill').length === 2)
    events.length = 0
    const removed = await cache.clear()
    expect(events).to.have.lengthOf(1)
    expect(events[0]).to.deep.include({ type: 'evict', targets: ['*'], removed })
    expect(removed).to.be.at.least(4)
    expect(await cache.getMany(['other:1', 'single'])).to.deep.equal([null, null])
    expect(await ask(1)).to.equal('MISS {"call":3}')
    expect(await ask(1, 'de')).to.equal('MISS {"call":4}')
    expect(await ask(1)).to.equal('HIT {"call":3}')
  })

  it('lets nothing be stored that began to load before it, and nobody join that', async () => {
    const loads: Gate[] = []
    const isBegun = gate()
    const cache = makeCache()
    const ask = await serve(cache, () => {
      isBegun.open()
      if (loads.length > 0) return undefined
      const load = gate()
      loads.push(load)
      return load.wait
    })
    const early = ask(1)
    await isBegun.wait
    await cache.clear()
    expect(await ask(1)).to.equal('MISS {"call":2}')
    loads[0]?.open()
    expect(await early).to.equal('MISS {"call":1}')
    expect(await ask(1)).to.equal('HIT {"call":2}')
  })

  it('lets nothing be stored that was read before it to warm the cache', async () => {
    const cache = makeCache()
    await cache.ready()
    const load = async () => {
      await cache.clear()
      return [{ id: 1 }]
    }
    expect(await cache.warm({ key: 'row:{id}', ttl: 60, load, name: 'rows' })).to.equal(0)
    expect(await cache.get('row:1')).to.equal(null)
  })

  if (place === 'process') return

  it('reaches what another process stored, and its copies', async () => {
    const [one, other] = [makeCache(), makeCache()]
    const [askOne, askOther] = [await serve(one), await serve(other)]
    expect(await askOther(1)).to.equal('MISS {"call":1}')
    expect(await askOther(1)).to.equal('HIT {"call":1}')
    await one.clear()
    expect(await askOther(1)).to.equal('MISS {"call":2}')
    expect(await askOne(1)).to.equal('HIT {"call":2}')
  })

  it('leaves what is not its own: other prefixes, also one that begins with its own, and keys of no cache', async () => {
    const { keyPrefix } = caches
    const cache = makeCache()
    const others = [`${keyPrefix}other:`, `other-${keyPrefix}`].map((prefix) =>
      makeCache({ keyPrefix: prefix }),
    )
    await Promise.all([cache, ...others].map((each) => each.ready()))
    for (const each of [cache, ...others]) expect(await each.set('row:1', 1)).to.equal(true)
    const admin = caches.redis?.admin as Redis | Cluster
    const foreign = `${keyPrefix}of-no-cache`
    await admin.set(foreign, 'theirs', 'EX', 60)
    await cache.clear()
    expect(await cache.get('row:1')).to.equal(null)
    for (const other of others) expect(await other.get('row:1')).to.equal(1)
    expect(await admin.get(foreign)).to.equal('theirs')
    await admin.del(foreign)
  })
})
