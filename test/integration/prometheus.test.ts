import { expect } from 'chai'
import { type Cache, createCache } from 'express-cacheable'
import { type CacheMetricsOptions, cacheMetrics } from 'express-cacheable/prometheus'
import { Counter, register as defaultRegister, type OpenMetricsContentType, Registry } from 'prom-client'
import { METRICS, prometheusName } from '#src/telemetry/metrics.js'
import { answerOf } from '../support/answer-of.js'
import { freePort } from '../support/free-port.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'
import { thrown } from '../unit/thrown.js'

type Series = ReadonlyMap<string, number>

/** What a scrape gives: each line by its name and labels, in the order of the alphabet. */
async function scrape(register: Pick<Registry, 'metrics'>): Promise<Series> {
  const lines = (await register.metrics()).split('\n').filter((line) => /^[a-z]/.test(line))
  return new Map(
    lines.map((line) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      const sorted = [...labels.matchAll(/\w+="(?:[^"\\]|\\.)*"/g)].map(([label]) => label).sort()
      return [`${name}{${sorted.join(',')}}`, Number(value)]
    }),
  )
}

onEachStore('express-cacheable/prometheus', (makeCache) => {
  const listen = serversOfSuite()

  it('counts what requests meet, by route, and never says a key', async () => {
    const register = new Registry()
    const { cache } = makeCache()
    cacheMetrics(cache, { register, name: 'crm' })
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => void res.json({ a: 1 }))
    app.get(
      '/skipped/:id',
      cache.cacheable('skipped:{id}', 60, { condition: () => false }),
      (_req, res) => void res.json({}),
    )
    app.get('/missing/:id', cache.cacheable('missing:{id}', 60), (_req, res) => void res.status(404).json({}))
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
    await cache.ready(app)
    const url = await listen(app)
    const ask = (path: string, method = 'GET') => answerOf(url + path, { method })
    await ask('/rows/k3y')
    await until('the fill', () => cache.stats().fills === 1)
    await ask('/rows/k3y')
    await ask('/rows/k3y')
    await ask('/skipped/k3y')
    await ask('/missing/k3y')
    await ask('/rows/k3y', 'PUT')
    await cache.wrap('wrapped:k3y', 60, () => 1)
    await cache.deletePattern('wrapped:k3y*')

    const series = await scrape(register)
    const gets = (rule: string, result: string) =>
      series.get(`cache_gets_total{cache="crm",result="${result}",rule="${rule}"}`)
    expect(['hit', 'stale', 'miss', 'bypass'].map((result) => gets('GET /rows/:id', result))).to.deep.equal([
      2, 0, 1, 0,
    ])
    expect(gets('GET /skipped/:id', 'bypass')).to.equal(1)
    expect(gets('cache.wrap wrapped', 'miss')).to.equal(1)
    const one = Object.entries({
      'cache_bypasses_total{cache="crm",reason="condition",rule="GET /skipped/:id"}': 1,
      'cache_not_stored_total{cache="crm",reason="status 404",rule="GET /missing/:id"}': 1,
      'cache_puts_total{cache="crm",result="stored",rule="GET /rows/:id"}': 1,
      'cache_puts_total{cache="crm",result="refused",rule="GET /rows/:id"}': 0,
      'cache_stored_bytes_total{cache="crm",rule="GET /rows/:id"}': 7,
      'cache_evictions_total{by="PUT /rows/:id",cache="crm"}': 1,
      'cache_removed_entries_total{by="PUT /rows/:id",cache="crm"}': 1,
      'cache_evictions_total{by="cache.deletePattern",cache="crm"}': 1,
      'cache_owed_evictions{cache="crm"}': 0,
      'cache_circuit_state{cache="crm",state="closed"}': 1,
      'cache_circuit_state{cache="crm",state="open"}': 0,
      'cache_get_duration_seconds_count{cache="crm",rule="GET /rows/:id"}': 2,
      'cache_load_duration_seconds_count{cache="crm",rule="GET /rows/:id"}': 1,
      'cache_load_duration_seconds_bucket{cache="crm",le="+Inf",rule="GET /rows/:id"}': 1,
    })
    expect(one.map(([name]) => [name, series.get(name)])).to.deep.equal(one)
    expect([...series.keys()].filter((name) => name.includes('k3y'))).to.deep.equal([])
  })

  it('counts stale answers and reloads', async () => {
    const register = new Registry()
    const { cache } = makeCache()
    cacheMetrics(cache, { register, name: 'crm' })
    await cache.ready()
    const ask = () => cache.wrap('a', 1, () => 1, { staleWhileRevalidate: 60 })
    await ask()
    await until('a stale answer', async () => {
      await ask()
      return cache.stats().stale > 0
    })
    await until('the reload', async () => {
      return (await scrape(register)).get('cache_reloads_total{cache="crm",rule="cache.wrap a"}') === 1
    })
    expect(
      (await scrape(register)).get('cache_gets_total{cache="crm",result="stale",rule="cache.wrap a"}'),
    ).to.equal(1)
  })
})

describe('express-cacheable/prometheus', () => {
  const open: Cache[] = []
  const newCache = (keyPrefix: string, redis?: string): Cache => {
    const cache = createCache({ keyPrefix, redis, logger: recordingLogger() })
    open.push(cache)
    return cache
  }
  const namesIn = (register: Registry) => register.getMetricsAsArray().map(({ name }) => name)
  afterEach(async () => {
    for (const cache of open.splice(0)) await cache.close()
    defaultRegister.clear()
  })

  it('has all metrics in the registry, with the zeros of each rule from its declaration on', async () => {
    const register = new Registry()
    const cache = newCache('crm:')
    cacheMetrics(cache, { register })
    expect(namesIn(register)).to.deep.equal(
      Object.values(METRICS).map((metric) => prometheusName(metric, '')),
    )
    cache.cacheable('row:{id}', 60)
    const series = await scrape(register)
    expect(
      series.get(`cache_gets_total{cache="crm",result="hit",rule="cache.cacheable('row:{id}')"}`),
    ).to.equal(0)
  })

  it('puts several caches into one registry, until each is closed', async () => {
    const register = new Registry()
    const [one, two] = [newCache('one:'), newCache('two:')]
    for (const cache of [one, two]) cacheMetrics(cache, { register })
    const owed = async () =>
      [...(await scrape(register)).keys()].filter((name) => name.startsWith('cache_owed_evictions'))
    expect(await owed()).to.deep.equal([
      'cache_owed_evictions{cache="one"}',
      'cache_owed_evictions{cache="two"}',
    ])
    await one.close()
    expect(await owed()).to.deep.equal(['cache_owed_evictions{cache="two"}'])
    await two.close()
    expect(namesIn(register)).to.deep.equal([])
  })

  it('takes a cache out again, so that it may be put in anew', async () => {
    const cache = newCache('')
    const end = cacheMetrics(cache)
    expect((await scrape(defaultRegister)).get('cache_owed_evictions{cache="default"}')).to.equal(0)
    end()
    end()
    expect(namesIn(defaultRegister)).to.deep.equal([])
    cacheMetrics(cache)
    expect(namesIn(defaultRegister)).to.have.lengthOf(Object.keys(METRICS).length)
  })

  it('refuses a cache that is in the registry already, and names that are taken', () => {
    const register = new Registry()
    const cache = newCache('crm:')
    cacheMetrics(cache, { register })
    for (const again of [cache, newCache('crm:')]) {
      const error = thrown(() => cacheMetrics(again, { register }))
      expect(error.code).to.equal('E_CACHE_OPTION')
      expect(error.message).to.include(`metrics of a cache 'crm' already`)
    }
    const taken = new Registry()
    const counter = new Counter({ name: 'cache_gets_total', help: 'mine', registers: [taken] })
    expect(thrown(() => cacheMetrics(cache, { register: taken })).message).to.include(
      `a metric 'cache_gets_total' of another's`,
    )
    expect(taken.getMetricsAsArray()).to.deep.equal([counter])
    cacheMetrics(cache, { register: taken, prefix: 'crm_' })
    expect(namesIn(taken)).to.include('crm_cache_gets_total')
  })

  it('fills the buckets that it is given', async () => {
    const register = new Registry()
    const cache = newCache('crm:')
    cacheMetrics(cache, { register, buckets: { loads: [0.005, 10] } })
    await cache.wrap('a', 60, () => 1)
    await cache.wrap('b', 60, () => new Promise((resolve) => setTimeout(resolve, 20)).then(() => 1), {
      name: 'a',
    })
    const series = await scrape(register)
    const buckets = ['0.005', '10', '+Inf'].map((le) =>
      series.get(`cache_load_duration_seconds_bucket{cache="crm",le="${le}",rule="cache.wrap a"}`),
    )
    expect(buckets).to.deep.equal([1, 2, 2])
    expect(series.get('cache_load_duration_seconds_sum{cache="crm",rule="cache.wrap a"}')).to.be.within(
      0.015,
      10,
    )
  })

  it('says what OpenMetrics wants', async () => {
    const register = new Registry<OpenMetricsContentType>()
    register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE)
    const cache = newCache('crm:')
    cacheMetrics(cache, { register })
    await cache.wrap('a', 60, () => 1)
    const text = await register.metrics()
    expect(text).to.include('# TYPE cache_gets counter\n')
    expect(text).to.include('cache_gets_total{cache="crm",rule="cache.wrap a",result="miss"} 1\n')
    expect(text).to.match(/# EOF\n$/)
  })

  it('says that the store is away, and what is owed to it', async () => {
    const register = new Registry()
    const cache = newCache('crm:', `redis://127.0.0.1:${await freePort()}`)
    cacheMetrics(cache, { register })
    await cache.ready()
    await cache.delete('a')
    await cache.delete('b')
    const series = await scrape(register)
    expect(series.get('cache_store_available{cache="crm",store="redis"}')).to.equal(0)
    expect(series.get('cache_owed_evictions{cache="crm"}')).to.equal(2)
    expect(series.get('cache_kept_evictions_total{cache="crm"}')).to.equal(2)
    expect(series.get('cache_errors_total{cache="crm",kind="store_down"}')).to.equal(1)
    const states = ['closed', 'half-open', 'open'].map((state) => [
      series.get(`cache_circuit_state{cache="crm",state="${state}"}`),
      state,
    ])
    const { circuit } = cache.status()
    expect(states.filter(([value]) => value === 1)).to.deep.equal([[1, circuit]])
  })

  const wrong: readonly [options: object, problem: string][] = [
    [{ registry: new Registry() }, `there is no option 'registry'`],
    [{ register: {} }, 'register is no registry of prom-client'],
    [{ name: '' }, 'name is no text'],
    [{ prefix: 'a-b' }, 'the prefix cannot be used'],
    [{ buckets: { gets: [2, 1] } }, 'buckets.gets is no ascending list'],
    [{ buckets: { loads: [] } }, 'buckets.loads is no ascending list'],
  ]
  for (const [options, problem] of wrong) {
    it(`refuses wrong options: ${problem}`, () => {
      const error = thrown(() => cacheMetrics(newCache(''), options as CacheMetricsOptions))
      expect(error.code).to.equal('E_CACHE_OPTION')
      expect(error.message).to.include(problem)
    })
  }
})
