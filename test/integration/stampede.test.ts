import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type Cache, createCache } from 'express-cacheable'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { gate } from '../support/gate.js'
import { type Listening, listen, serversOfSuite } from '../support/http.js'
import { type LightAnswer, LightClient } from '../support/light-client.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'

const APP = fileURLToPath(new URL('./stampede-app.js', import.meta.url))
/** Bounds against hanging, on a machine that has much else to do. */
const PATIENCE = { deadlineMs: 30_000 }
const TIMEOUT_MS = 60_000

const client = new LightClient(TIMEOUT_MS)
after(() => client.close())
const ask = (url: string) => client.ask('GET', url)

/** What all handlers ask, whichever process they run in; a call is answered when the test says so. */
function heldOrigin() {
  const [first, others] = [gate(), gate()]
  /** The process ids of those who have called. */
  const callers: number[] = []
  return {
    callers,
    first,
    others,
    /** How the first call is answered; the others get a 200. */
    firstStatus: 200,
    async answer(caller: number): Promise<{ status: number; body: { call: number } }> {
      const call = callers.push(caller)
      await (call === 1 ? first : others).wait
      return { status: call === 1 ? this.firstStatus : 200, body: { call } }
    },
  }
}

const textsOf = (answers: readonly LightAnswer[]): string[] => [...new Set(answers.map(({ text }) => text))]

const statusesOf = (answers: readonly LightAnswer[]): number[] => answers.map(({ status }) => status).sort()

onEachStore('a stampede in one process', (makeCache) => {
  const serve = serversOfSuite()

  async function start() {
    const origin = heldOrigin()
    const { cache } = makeCache()
    const app = quietExpress()
    let arrivals = 0
    app.use((_req, _res, next) => {
      arrivals++
      next()
    })
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), async (_req, res) => {
      const { status, body } = await origin.answer(process.pid)
      res.status(status).json(body)
    })
    await cache.ready(app)
    const url = await serve(app)
    const answers = Array.from({ length: 1_000 }, () => ask(`${url}/rows/1`))
    await until('all to arrive', () => arrivals === 1_000 && origin.callers.length > 0, PATIENCE)
    return { origin, answers: Promise.all(answers) }
  }

  it('makes one call of the handler for 1,000 requests', async function () {
    this.timeout(TIMEOUT_MS)
    const { origin, answers } = await start()
    origin.first.open()
    expect(textsOf(await answers)).to.deep.equal(['{"call":1}'])
    expect(origin.callers).to.have.length(1)
  })

  it('lets everyone run a handler at once when the first answer is for nobody else', async function () {
    this.timeout(TIMEOUT_MS)
    const { origin, answers } = await start()
    origin.firstStatus = 404
    origin.first.open()
    // None of them is answered yet, so none has waited for another.
    await until('all to call', () => origin.callers.length === 1_000, PATIENCE)
    origin.others.open()
    expect(statusesOf(await answers)).to.deep.equal([...Array(999).fill(200), 404])
  })
})

describe('a stampede on four processes (Redis)', () => {
  let redis: string
  let cache: Cache
  let keyPrefix: string
  let origin: ReturnType<typeof heldOrigin>
  let originServer: Listening
  let apps: App[]

  interface App {
    readonly process: TestProcess
    readonly url: string
  }

  before(async function () {
    redis = await redisForTests(this)
  })

  beforeEach(async () => {
    keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    cache = createCache({ redis, keyPrefix, deadlineMs: 5_000 })
    await cache.ready()
    origin = heldOrigin()
    const app = quietExpress().get('/:caller', async (req, res) => {
      const { status, body } = await origin.answer(Number(req.params.caller))
      res.status(status).json(body)
    })
    originServer = await listen(app)
    apps = []
  })

  afterEach(async () => {
    await Promise.all(apps.map(({ process }) => process.stop()))
    await originServer.close()
    await cache.deletePattern('*')
    await cache.close()
  })

  async function startApps(leaseMs: number): Promise<void> {
    const options = JSON.stringify({ redis, keyPrefix, leaseMs, origin: originServer.url })
    apps = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const app = await startProcess(process.execPath, [APP, options])
        await until('an app to listen', () => /^\d+\n/.test(app.output()), PATIENCE)
        return { process: app, url: `http://127.0.0.1:${Number.parseInt(app.output(), 10)}` }
      }),
    )
  }

  /** Resolves once all requests have arrived and wait; what they are answered comes later. */
  async function askEach(
    targets: readonly App[],
    timesEach: number,
  ): Promise<{ answers: Promise<LightAnswer[]> }> {
    const answers = Promise.all(
      targets.flatMap(({ url }) => Array.from({ length: timesEach }, () => ask(`${url}/rows/1`))),
    )
    for (const { url } of targets) {
      const arrived = async () => Number((await ask(`${url}/arrivals`)).text) >= timesEach
      await until('all to arrive', arrived, PATIENCE)
    }
    return { answers }
  }

  it('makes one call of the handler for 250 requests to each', async function () {
    this.timeout(TIMEOUT_MS)
    await startApps(30_000)
    const { answers } = await askEach(apps, 250)
    origin.first.open()
    expect(textsOf(await answers)).to.deep.equal(['{"call":1}'])
    expect(origin.callers).to.have.length(1)
  })

  it('answers everybody else when the leader is killed, with one more call', async function () {
    this.timeout(TIMEOUT_MS)
    const leaseMs = 1_500
    await startApps(leaseMs)
    const [leader, ...others] = apps as [App, ...App[]]
    const lost = ask(`${leader.url}/rows/1`).catch(() => 'lost')
    await until('the leader to call', () => origin.callers.length === 1, PATIENCE)
    const { answers } = await askEach(others, 50)
    process.kill(leader.process.pid, 'SIGKILL')
    const killedAt = Date.now()
    origin.others.open()
    expect(await lost).to.equal('lost')
    expect(textsOf(await answers)).to.deep.equal(['{"call":2}'])
    expect(Date.now() - killedAt).to.be.lessThan(leaseMs + 10_000)
    expect(origin.callers).to.have.length(2)
    expect(origin.callers[0]).to.equal(leader.process.pid)
  })

  it('lets everyone run a handler at once when the first answer is for nobody else', async function () {
    this.timeout(TIMEOUT_MS)
    await startApps(30_000)
    const { answers } = await askEach(apps, 250)
    origin.firstStatus = 404
    origin.first.open()
    // None of them is answered yet, so none has waited for another.
    await until('all to call', () => origin.callers.length === 1_000, PATIENCE)
    origin.others.open()
    expect(statusesOf(await answers)).to.deep.equal([...Array(999).fill(200), 404])
  })
})
