import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { type Answer, answerOf } from '../support/answer-of.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { until } from '../support/until.js'

onEachStore('a cached route under concurrent requests', (makeCache) => {
  const listen = serversOfSuite()

  async function gatedApp(handler: RequestHandler<{ id: string }>) {
    const { cache, events } = makeCache()
    const app = quietExpress()
    let arrivals = 0
    app.use((_req, _res, next) => {
      arrivals++
      next()
    })
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), handler)
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
    app.put('/all', cache.evict('row:*'), (_req, res) => void res.json({}))
    await cache.ready(app)
    const url = await listen(app)
    return {
      cache,
      events,
      arrivals: () => arrivals,
      ask: (path: string, init?: RequestInit): Promise<Answer> => answerOf(url + path, init),
    }
  }

  it('runs one handler for many who ask at the same time', async () => {
    const loading = gate()
    let calls = 0
    const { ask, cache, arrivals } = await gatedApp(async (_req, res) => {
      calls++
      await loading.wait
      res.json({ calls })
    })
    const answers = Array.from({ length: 200 }, () => ask('/rows/1'))
    await until('all to arrive', () => arrivals() === 200)
    loading.open()
    const texts = new Set((await Promise.all(answers)).map(({ text }) => text))
    expect([...texts]).to.deep.equal(['{"calls":1}'])
    expect(calls).to.equal(1)
    const { hits, misses, bypasses } = cache.stats()
    expect([hits + misses, bypasses]).to.deep.equal([200, 0])
  })

  it("gives nobody the leader's error: each of the others asks for itself", async () => {
    const loading = gate()
    const othersTogether = gate()
    let calls = 0
    const { ask, arrivals } = await gatedApp(async (_req, res) => {
      const call = ++calls
      await loading.wait
      if (call === 1) throw new Error('only the first')
      // At the same time, not in a queue: errors may be slow.
      if (call === 10) othersTogether.open()
      await othersTogether.wait
      res.json({ ok: true })
    })
    const answers = Array.from({ length: 10 }, () => ask('/rows/1'))
    await until('all to arrive', () => arrivals() === 10)
    loading.open()
    const statuses = (await Promise.all(answers)).map(({ status }) => status).sort()
    expect(statuses).to.deep.equal([...Array(9).fill(200), 500])
  })

  it('goes on without a leader who has left, with one other in its place', async () => {
    const first = gate()
    const arrived = gate()
    let calls = 0
    const { ask, events, arrivals } = await gatedApp(async (_req, res) => {
      const call = ++calls
      if (call === 1) {
        arrived.open()
        await first.wait
      }
      res.json({ call })
    })
    const leaver = new AbortController()
    const leader = ask('/rows/1', { signal: leaver.signal }).catch(() => 'left')
    await arrived.wait
    const others = Array.from({ length: 20 }, () => ask('/rows/1'))
    await until('all to arrive', () => arrivals() === 21)
    leaver.abort()
    expect(await leader).to.equal('left')
    const texts = new Set((await Promise.all(others)).map(({ text }) => text))
    expect([...texts]).to.deep.equal(['{"call":2}'])
    expect(calls).to.equal(2)
    first.open()
    expect(events.some((event) => event.type === 'not-stored' && event.reason === 'aborted')).to.equal(true)
  })

  for (const path of ['/rows/1', '/all']) {
    it(`keeps a slow reader's old value out after an eviction, and lets later readers not join it (${path})`, async () => {
      const slow = gate()
      const arrived = gate()
      let version = 1
      let calls = 0
      const { ask, events } = await gatedApp(async (_req, res) => {
        const read = version
        if (++calls === 1) {
          arrived.open()
          await slow.wait
        }
        res.json({ version: read })
      })
      const reader = ask('/rows/1')
      await arrived.wait
      version = 2
      await ask(path, { method: 'PUT' })
      const later = await ask('/rows/1')
      expect([later.xCache, later.text]).to.deep.equal(['MISS', '{"version":2}'])
      slow.open()
      expect((await reader).text).to.equal('{"version":1}')
      const last = await ask('/rows/1')
      expect([last.xCache, last.text]).to.deep.equal(['HIT', '{"version":2}'])
      await until('the refusal', () => events.some(({ type }) => type === 'fill-refused'))
    })
  }
})
