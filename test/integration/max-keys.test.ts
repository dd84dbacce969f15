import { expect } from 'chai'
import { answerOf } from '../support/answer-of.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'

const MAX_KEYS = 50
const FLOOD = 500

onEachStore('a rule with maxKeys', (makeCache) => {
  const listen = serversOfSuite()

  async function searchApp() {
    const { cache, events } = makeCache()
    const app = quietExpress()
    let calls = 0
    app.get('/search', cache.cacheable('search:{query.q}', 60, { maxKeys: MAX_KEYS }), (req, res) => {
      calls += 1
      res.json({ q: req.query.q })
    })
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), (req, res) => void res.json({ id: req.params.id }))
    app.delete('/search', cache.evict('search:{query.q}'), (_req, res) => void res.json({}))
    await cache.ready(app)
    const url = await listen(app)
    return {
      cache,
      events,
      calls: () => calls,
      ask: (path: string, init?: RequestInit) => answerOf(url + path, init),
    }
  }

  /** Values that nobody guesses, 25 at a time, and in between the one that people want. */
  async function flood(ask: (path: string) => ReturnType<typeof answerOf>) {
    const answers = []
    const hot = []
    for (let at = 0; at < FLOOD; at += 25) {
      const values = Array.from({ length: 25 }, () => `${Math.random()}`)
      answers.push(...(await Promise.all(values.map((value) => ask(`/search?q=${value}`)))))
      hot.push(await ask('/search?q=hot'))
    }
    return { answers, hot }
  }
  const count = <T>(all: readonly T[], is: (each: T) => boolean) => all.filter(is).length

  it('keeps a flood of random values to so many keys, and what people really ask for a hit', async () => {
    const { ask, cache, events, calls } = await searchApp()
    await ask('/search?q=hot')
    const { answers, hot } = await flood(ask)

    expect(hot.map(({ xCache }) => xCache)).to.deep.equal(Array(FLOOD / 25).fill('HIT'))
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(FLOOD).fill(200))
    expect(count(answers, ({ xCache }) => xCache === 'MISS')).to.equal(MAX_KEYS - 1)
    const bypassed = answers.filter(({ xCache }) => xCache === 'BYPASS')
    expect(bypassed).to.have.lengthOf(FLOOD - (MAX_KEYS - 1))
    for (const { headers, text } of bypassed) {
      expect(headers.get('cache-status')).to.include('detail="rule is full"')
      expect(JSON.parse(text).q).to.be.a('string')
    }
    expect(calls()).to.equal(1 + FLOOD)

    const { hits, misses, bypasses, requests, fills } = cache.stats()
    expect({ hits, misses, bypasses, requests }).to.deep.equal({
      hits: FLOOD / 25,
      misses: MAX_KEYS,
      bypasses: FLOOD - MAX_KEYS + 1,
      requests: 1 + FLOOD + FLOOD / 25,
    })
    expect(fills).to.equal(MAX_KEYS)
    expect(count(events, (event) => event.type === 'bypass' && event.reason === 'rule is full')).to.equal(
      bypasses,
    )
    expect(await cache.deletePattern('search:*')).to.equal(MAX_KEYS)
  })

  it('leaves other rules alone', async () => {
    const { ask } = await searchApp()
    await flood(ask)
    expect((await ask('/rows/1')).xCache).to.equal('MISS')
    expect((await ask('/rows/1')).xCache).to.equal('HIT')
  })

  it('lets a new value in for one that is evicted, and only then', async () => {
    const { ask } = await searchApp()
    await ask('/search?q=hot')
    await flood(ask)
    expect((await ask('/search?q=new')).xCache).to.equal('BYPASS')
    await ask('/search?q=hot', { method: 'DELETE' })
    expect((await ask('/search?q=new')).xCache).to.equal('MISS')
    expect((await ask('/search?q=new')).xCache).to.equal('HIT')
    expect((await ask('/search?q=hot')).xCache).to.equal('BYPASS')
  })

  it('does not refuse what the program itself sets', async () => {
    const { ask, cache } = await searchApp()
    await flood(ask)
    await cache.set('search:mine', { q: 'mine' }, 60)
    expect((await ask('/search?q=mine')).xCache).to.equal('HIT')
  })
})
