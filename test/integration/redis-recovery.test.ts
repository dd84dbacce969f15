import { expect } from 'chai'
import { type Cache, type CacheEvent, createCache } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js'
import { gate } from '../support/gate.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { LOOPBACK } from '../support/redis-admin.js'
import { until } from '../support/until.js'

const SOON_MS = 5_000

describe('after an outage of Redis', () => {
  let redis: RedisServer
  let proxy: FaultProxy
  const caches: Cache[] = []
  const servers: Listening[] = []

  before(async function () {
    redis = await ownRedisForTests(this)
  })
  after(async () => {
    await redis?.stop()
  })
  beforeEach(async () => {
    proxy = await startFaultProxy({ host: LOOPBACK, port: redis.port })
  })
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()))
    await Promise.all(caches.splice(0).map((cache) => cache.close()))
    await proxy.close()
  })

  /** @param load - What reading the row waits for. */
  async function serve(url: string, load: () => Promise<void> = async () => {}) {
    const cache = createCache({ redis: url, logger: recordingLogger(), deadlineMs: 5_000 })
    caches.push(cache)
    const events: CacheEvent[] = []
    cache.observe((event) => events.push(event))
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), async (req, res) => {
      await load()
      res.json({ id: req.params.id })
    })
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
    await cache.ready(app)
    const server = await listen(app)
    servers.push(server)
    const count = (type: CacheEvent['type']) => events.filter((event) => event.type === type).length
    const ask = (method: string, path: string) =>
      answerOf(server.url + path, { method, signal: AbortSignal.timeout(SOON_MS) })
    return { cache, ask, count }
  }

  it('delivers what was kept by itself, without a request', async () => {
    const writer = await serve(proxy.url)
    const reader = await serve(redis.url)
    await reader.ask('GET', '/rows/1')
    expect((await reader.ask('GET', '/rows/1')).xCache).to.equal('HIT')
    await proxy.fault('refuse')
    await writer.ask('PUT', '/rows/1')
    expect(writer.count('evict-kept')).to.equal(1)
    await proxy.heal()
    await until('the delivery', () => writer.count('evict-delivered') === 1, { deadlineMs: SOON_MS })
    expect((await reader.ask('GET', '/rows/1')).xCache).to.equal('MISS')
  }).timeout(20_000)

  it('gives a lease back that could not be used, so that readers elsewhere do not wait for it', async () => {
    const loading = gate()
    let loads = 0
    const loader = await serve(proxy.url, () => {
      loads += 1
      return loading.wait
    })
    const reader = await serve(redis.url)
    const first = loader.ask('GET', '/rows/2')
    await until('the load to begin', () => loads === 1)
    await proxy.fault('refuse')
    loading.open()
    expect((await first).status).to.equal(200)
    await until('its fill to fail', () => loader.count('fill-refused') === 1)
    await proxy.heal()
    await until('the way back', () => loader.cache.status().available || proxy.connections() === 1)
    expect((await reader.ask('GET', '/rows/2')).status).to.equal(200)
  }).timeout(20_000)
})
