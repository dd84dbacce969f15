import { expect } from 'chai'
import { type CacheableOptions, CacheError, type CacheEvent } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'

/** Takes objects with a text under `name`, as a library's schema would. */
const NAMED = {
  '~standard': {
    validate: (value: unknown) =>
      typeof Object(value).name === 'string' ? { value } : { issues: [{ message: 'no name' }] },
  },
}

onEachStore('two versions of a rule on one key', (makeCache) => {
  let server: Listening | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  async function start(routes: Readonly<Record<string, CacheableOptions>>) {
    const { cache } = makeCache()
    const loads: string[] = []
    const events: CacheEvent[] = []
    cache.observe((event) => void events.push(event))
    const app = quietExpress()
    for (const [name, options] of Object.entries(routes)) {
      app.get(`/${name}/:id`, cache.cacheable('row:{id}', 60, options), (_req, res) => {
        loads.push(name)
        res.json({ name })
      })
    }
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
    app.delete('/rows/:id', cache.evict('row:*'), (_req, res) => void res.json({}))
    await cache.ready(app)
    server = await listen(app)
    const { url } = server
    const ask = async (path: string, init?: RequestInit) => {
      const { xCache, text } = await answerOf(url + path, init)
      return `${xCache} ${text}`
    }
    return { cache, loads, events, ask }
  }

  it('never answer with the other one', async () => {
    const { ask } = await start({ old: {}, one: { version: 1 }, two: { version: '2' } })
    for (const name of ['old', 'one', 'two'])
      expect(await ask(`/${name}/7`)).to.equal(`MISS {"name":"${name}"}`)
    for (const name of ['old', 'one', 'two'])
      expect(await ask(`/${name}/7`)).to.equal(`HIT {"name":"${name}"}`)
  })

  for (const method of ['PUT', 'DELETE']) {
    it(`all go with an eviction, by ${method === 'PUT' ? 'key' : 'pattern'}`, async () => {
      const { ask } = await start({ old: {}, two: { version: 2, vary: ['x-a'] } })
      const paths = ['/old/7', '/two/7']
      for (const path of paths) await ask(path)
      await ask('/rows/7', { method })
      for (const path of paths) expect(await ask(path)).to.match(/^MISS/)
    })
  }

  it('lie under the key and #v=', async () => {
    const { ask, cache } = await start({ two: { version: 2 } })
    await ask('/two/7')
    expect(await cache.get('row:7')).to.equal(null)
    expect(await cache.get('row:7#v=2')).to.deep.equal({ name: 'two' })
  })

  it('cannot be put, which would store under the key alone', () => {
    const { cache } = makeCache()
    cache.cacheable('row:{id}', 60, { version: 2 })
    cache.put('row:{result.id}', 60)
    expect(() => cache.verify())
      .to.throw(CacheError, /@CacheEvict/)
      .with.property('code', 'E_CACHE_RULE_CONFLICT')
  })

  it('are texts and whole numbers', () => {
    const { cache } = makeCache()
    for (const version of ['', 'a:b', 'a#b', '*', 1.5, Number.NaN, {}, true]) {
      const options = { version } as CacheableOptions
      expect(() => cache.cacheable('row:{id}', 60, options)).to.throw(CacheError, /version/)
    }
    expect(() => cache.cacheable('row:{id}', 60, { vary: ['V'] })).to.throw(CacheError, /vary/)
  })

  it('need not be told: what does not fit the schema is a miss, discarded and loaded anew', async () => {
    const { cache, ask, loads, events } = await start({ row: { schema: NAMED } })
    await cache.set('row:7', { title: 'of an older version' })
    expect(await ask('/row/7')).to.equal('MISS {"name":"row"}')
    expect(await ask('/row/7')).to.equal('HIT {"name":"row"}')
    expect(loads).to.deep.equal(['row'])
    const discarded = events.filter(({ type }) => type === 'discard')
    expect(discarded).to.deep.equal([{ type: 'discard', key: 'row:7', reason: 'not what the schema says' }])
  })

  it('need not be told: what fits the schema is a hit', async () => {
    const { cache, ask, loads } = await start({ row: { schema: NAMED } })
    await cache.set('row:7', { name: 'of another process' })
    expect(await ask('/row/7')).to.equal('HIT {"name":"of another process"}')
    expect(await ask('/row/7', { method: 'HEAD' })).to.equal('HIT ')
    expect(loads).to.deep.equal([])
  })

  it('are never answered by a schema that throws or makes one wait', async () => {
    const rejected = async () => Promise.reject(new Error('later'))
    const thrown = () => {
      throw new Error('now')
    }
    for (const validate of [rejected, thrown]) {
      const { cache, ask, events } = await start({ row: { schema: { '~standard': { validate } } } })
      await cache.set('row:7', { name: 'stored' })
      expect(await ask('/row/7')).to.equal('MISS {"name":"row"}')
      expect(events.map(({ type }) => type)).to.include('option-failed')
      await server?.close()
    }
  })

  it('have a schema only where their JSON is kept as it is', () => {
    const { cache } = makeCache()
    const options = { schema: NAMED, compress: true }
    expect(() => cache.cacheable('row:{id}', 60, options)).to.throw(CacheError, /schema.*compress/)
    const none = { schema: {} } as unknown as CacheableOptions
    expect(() => cache.cacheable('row:{id}', 60, none)).to.throw(CacheError, /Standard Schema/)
  })
})
