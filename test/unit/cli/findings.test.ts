import { expect } from 'chai'
import express from 'express'
import { createCache } from '#src/cache.js'
import { partsOf } from '#src/cache-parts.js'
import { checkedCache } from '#src/cli/check/checked-cache.js'
import { gapsIn, isAllowed, verdictOf } from '#src/cli/check/findings.js'
import { rememberedCaches } from '#src/known-caches.js'
import { recordingLogger } from '../../support/recording-logger.js'

describe('check', () => {
  const caches = new Set<ReturnType<typeof createCache>>()
  afterEach(async () => {
    for (const cache of caches) await cache.close()
    caches.clear()
  })
  const newCache = () => {
    const cache = createCache({ logger: recordingLogger() })
    caches.add(cache)
    return cache
  }
  const none = (_req: unknown, res: { json(body: unknown): void }) => res.json([])

  it('finds the caches of this process until they are closed', async () => {
    const cache = newCache()
    expect(rememberedCaches()).to.include(partsOf(cache))
    await cache.close()
    expect(rememberedCaches()).to.not.include(partsOf(cache))
  })

  it('tells all mistakes of the rules and one of the routes, and logs nothing', () => {
    const logger = recordingLogger()
    const cache = createCache({ logger })
    caches.add(cache)
    const app = express()
    app.get('/customers/:id', cache.cacheable('customer:{customerId}', 60), none)
    app.put('/customers/:id', cache.evict(['custmer:{id}', 'customers']), none)
    const findings = verdictOf(partsOf(cache), [app])
    expect(findings.map(({ kind, code }) => `${kind} ${code}`)).to.deep.equal([
      ...[
        'mistake E_CACHE_PATTERN_UNREACHABLE',
        'mistake E_CACHE_PATTERN_UNREACHABLE',
        'mistake E_CACHE_SOURCE',
      ],
    ])
    expect(logger.lines).to.deep.equal([])
  })

  it('tells warnings that were logged before, and those that would be', () => {
    const cache = newCache()
    const app = express()
    app.get(
      '/status',
      cache.cacheable('status:{query.of|all}', 60),
      function authorize(_req, _res, next) {
        next()
      },
      none,
    )
    app.put('/status', cache.evict('status:all'), none)
    partsOf(cache).warn('what was logged')
    const warnings = verdictOf(partsOf(cache), [app]).map(({ problem }) => problem)
    expect(warnings).to.have.length(3)
    expect(warnings[0]).to.equal('what was logged')
    expect(warnings.join()).to.include('authorize stands behind the cache').and.include(`'status:all'`)
  })

  it('leaves an application alone in which the cache has no rule', () => {
    const cache = newCache()
    const other = express().get('/x/:id', newCache().cacheable('x:{wrong}', 60), none)
    const app = express().get('/y', cache.cacheable('y', 60), none)
    expect(verdictOf(partsOf(cache), [other, app])).to.deep.equal([])
  })

  it('tells reads that nothing evicts, and writes that evict nothing, unless that is meant', () => {
    const cache = newCache()
    const app = express()
    app.get('/orders', cache.cacheable('orders:{query.page|1}:{query.size|9}', '2m'), none)
    app.get('/orders/:id', cache.cacheable('order:{id}', 60), none)
    app.put('/orders/:id', cache.evict('order:{id}'), none)
    app.post('/tags', cache.evict({ tags: ['none'] }), none)
    verdictOf(partsOf(cache), [app])
    const { map, ttls } = checkedCache(partsOf(cache))
    const gaps = gapsIn(map, (read) => ttls.get(read), false)
    expect(gaps.map(({ kind, where }) => `${kind} ${where}`)).to.deep.equal([
      ...['unevicted GET /orders', 'idle POST /tags'],
    ])
    expect(gaps[0]?.problem).to.include('stay for 2m')
    expect(gaps[0]?.mend).to.include(`Add 'orders:*'`)
    expect(gapsIn(map, () => 1, true).map(({ kind }) => kind)).to.deep.equal(['idle'])
    for (const text of ['GET /orders', 'orders:{query.page|1}:{query.size|9}']) {
      expect(gaps.map((gap) => isAllowed(gap, new Set([text])))).to.deep.equal([true, false])
    }
  })
})
