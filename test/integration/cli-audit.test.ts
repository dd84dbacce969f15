import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { Router } from 'express'
import { type Cache, type CacheEvent, createCache } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { callCli } from '../support/run-cli.js'

describe('express-cacheable audit', () => {
  const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
  const events: CacheEvent[] = []
  let redisUrl: string
  let cache: Cache
  let server: Listening
  let rows: Record<string, string>
  const fronted: unknown[] = []
  let tokens: (string | undefined)[]

  before(async function () {
    redisUrl = await redisForTests(this)
    cache = createCache({
      ...{ redis: redisUrl, keyPrefix, deadlineMs: 5_000, logger: recordingLogger(), name: 'crm-1' },
      memory: { maxBytes: 1_000_000, maxAgeMs: 60_000 },
      user: (req) => req.get('x-user'),
    })
    cache.observe((event) => events.push(event))
    const app = quietExpress()
    const router = Router()
    app.get('/rows/:id', cache.cacheable('row:{id}', 600, { visibility: 'public' }), (req, res) => {
      tokens.push(req.get('x-express-cacheable-audit'))
      res.json({ name: rows[req.params.id], at: tokens.length })
    })
    app.get(
      '/mine',
      cache.cacheable('mine:{user}', 600),
      (req, res) => void res.json({ of: req.get('x-user') }),
    )
    const byLanguage = cache.cacheable('words', 600, { vary: ['accept-language'], mark: 'cached' })
    app.get('/words', byLanguage, (_req, res) => void res.json({}))
    router.get('/list', cache.cacheable('list:{query.page|1}', 600, { mark: 'cached' }), (_req, res) => {
      res.json({ rows: Object.keys(rows) })
    })
    app.use('/api', router)
    await cache.ready(app)
    server = await listen(cache.front(app, { onFrontHit: ({ url }) => fronted.push(url) }))
  })
  beforeEach(async () => {
    await cache.clear()
    rows = { 1: 'Ada', 2: 'Bob' }
    tokens = []
    events.length = 0
    // The front answers it itself once it has seen two hits.
    for (let nth = 0; nth < 4; nth += 1) await get('/rows/1')
    for (const path of ['/rows/2', '/api/list', '/api/list?page=2', '/words']) await get(path)
    await get('/mine', 'ada')
    await get('/mine', 'bob')
    await cache.wrap('rates:eur', 600, () => 1)
  })
  after(async () => {
    await cache?.clear()
    await server?.close()
    await cache?.close()
  })

  const get = (path: string, user?: string) =>
    answerOf(`${server.url}${path}`, user ? { headers: { 'x-user': user } } : {})
  const audit = (...args: string[]) =>
    callCli(['--redis', redisUrl, '--prefix', keyPrefix, 'audit', '--app', server.url, ...args])
  const FAST = ['--ignore', 'at', '--mount', '/api', '--wait', '100ms', '-H', 'x-user: ada']

  it('walks all entries once, past all that would answer them, and says which it could not ask for', async () => {
    const { code, stdout, stderr } = await audit(...FAST, '--json')
    expect(stderr).to.equal('')
    expect(JSON.parse(stdout)).to.deep.equal({
      ...{ entries: 8, agreed: 5, settled: 0, stale: [] },
      notAsked: {
        'it is one of several variants, by headers or a version': 1,
        'it is of somebody else, or of other headers': 1,
        'no route is known that can be asked by its key': 1,
      },
    })
    expect(code).to.equal(0)
    expect(fronted).to.include('/rows/1')
    // Each handler has run once more for it, and nothing was stored.
    expect(tokens.filter((token) => token !== undefined)).to.have.length(2)
    expect(events.filter(({ type }) => type === 'fill')).to.have.length(8)
    expect(events.filter((event) => event.type === 'bypass').map(({ reason }) => reason)).to.deep.equal(
      Array(events.filter(({ type }) => type === 'bypass').length).fill('asked by an audit'),
    )
  })

  it('names what is stale by rule, key and field, and ends with 1', async () => {
    rows = { 1: 'Eve', 2: 'Bob', 3: 'Cid' }
    const { code, stdout } = await audit(...FAST)
    expect(code).to.equal(1)
    expect(stdout).to.match(/^8 entries: 2 agree, 3 stale, 0 settled, 3 not asked for\n/)
    expect(stdout).to.match(/GET \/rows\/:id +row:1 +name\n/)
    expect(stdout).to.match(/GET \/list +list:\|1 +rows\n/)
    for (const value of ['Eve', 'Ada', 'Cid']) expect(stdout).not.to.include(value)
    const { xCache } = await get('/rows/1')
    expect(xCache).to.equal('HIT')
  })

  it('is content with what a write evicts meanwhile', async () => {
    rows = { 1: 'Eve', 2: 'Bob' }
    const walking = audit('row:*', ...FAST, '--json')
    while (tokens.filter(Boolean).length === 0) await new Promise((resolve) => setImmediate(resolve))
    await cache.delete('row:1')
    const { stdout, code } = await walking
    expect(JSON.parse(stdout)).to.deep.equal({ entries: 2, agreed: 1, settled: 1, stale: [], notAsked: {} })
    expect(code).to.equal(0)
  })

  it('says what is wrong with how it is called', async () => {
    const called = (...args: string[]) => callCli(['--redis', redisUrl, 'audit', ...args])
    const [none, wrong, nobody] = await Promise.all([
      called(),
      called('--app', 'localhost:3000'),
      called('--app', server.url, '--prefix', 'nobody:'),
    ])
    expect(none.stderr).to.include('audit is not told where the application answers')
    expect(wrong.stderr).to.include('--app localhost:3000 is no URL')
    expect(nobody.stderr).to.include('no process of the application lets an audit in')
    expect([none.code, wrong.code, nobody.code]).to.deep.equal([2, 2, 2])
  })

  it('gives nobody a way past the cache who does not know its store', async () => {
    const headers = { 'x-express-cacheable-audit': 'a'.repeat(64) }
    const { xCache } = await answerOf(`${server.url}/rows/1`, { headers })
    expect(xCache).to.equal('HIT')
  })
})
