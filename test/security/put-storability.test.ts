import { expect } from 'chai'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'

/** What keeps a GET's answer out keeps a write's answer out. */
onEachStore('the answer of a write', (makeCache) => {
  let server: Listening | undefined
  afterEach(() => server?.close())

  async function afterPut(headers: Readonly<Record<string, string>>, status = 200) {
    const { cache } = makeCache()
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => void res.json({ by: 'GET' }))
    app.put('/rows/:id', cache.put('row:{id}', 60), (_req, res) => {
      res.status(status).set(headers).json({ by: 'PUT' })
    })
    await cache.ready(app)
    server = await listen(app)
    const url = `${server.url}/rows/1`
    await answerOf(url)
    await answerOf(url, { method: 'PUT' })
    return answerOf(url)
  }

  it('becomes the entry', async () => {
    const { xCache, text } = await afterPut({})
    expect([xCache, text]).to.deep.equal(['HIT', '{"by":"PUT"}'])
  })

  const vetoes: readonly [name: string, value: string][] = [
    ['Set-Cookie', 'sid=1'],
    ['Cache-Control', 'no-store'],
    ['Cache-Control', 'private'],
    ['Cache-Control', 'no-cache'],
    ['Cache-Control', 'max-age=0'],
    ['Cache-Control', 's-maxage=0, max-age=60'],
    ['Cache-Control', 'max-age=60;private'],
    ['Cache-Control', '"'],
    ['Expires', 'Thu, 01 Jan 1970 00:00:00 GMT'],
    ['Age', 'old'],
    ['Vary', 'Accept-Language'],
    ['Vary', '*'],
    ['Content-Range', 'bytes 0-1/2'],
  ]
  for (const [name, value] of vetoes) {
    it(`is evicted and not stored, with ${name}: ${value}`, async () => {
      const { xCache, text } = await afterPut({ [name]: value })
      expect([xCache, text]).to.deep.equal(['MISS', '{"by":"GET"}'])
    })
  }

  it('lives no longer than it says', async () => {
    const { xCache, headers } = await afterPut({ 'Cache-Control': 'max-age=2' })
    expect(xCache).to.equal('HIT')
    const ttl = Number(/ttl=(\d+)/.exec(headers.get('cache-status') ?? '')?.[1])
    expect(ttl).to.be.at.most(2)
  })

  for (const status of [206]) {
    it(`is evicted and not stored, with status ${status}`, async () => {
      const { xCache, text } = await afterPut({}, status)
      expect([xCache, text]).to.deep.equal(['MISS', '{"by":"GET"}'])
    })
  }
})
