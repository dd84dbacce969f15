import { expect } from 'chai'
import { type Cache, createCache } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { until } from '../support/until.js'

const KEYS = 20_000
const PATTERNS = 500
/** One second of it is until the next check-in. */
const BACK_WITHIN_MS = 3_000

describe('evictions that are owed', function () {
  this.timeout(120_000)
  let redis: RedisServer
  let cache: Cache
  let server: Listening

  beforeEach(async function () {
    redis = await ownRedisForTests(this)
    cache = createCache({ redis: redis.url, logger: recordingLogger(), deadlineMs: 200 })
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 600), (_req, res) => void res.json({}))
    await cache.ready(app)
    server = await listen(app)
  })
  afterEach(async () => {
    await redis.thaw()
    await server.close()
    await cache.close()
    await redis.stop()
  })

  /** A turn of some seconds, in which connections are given up, is no hit either. */
  const isHit = async () => {
    const answer = await answerOf(`${server.url}/rows/1`).catch(() => null)
    return answer?.xCache === 'HIT'
  }

  /** Has values, as a cache in use has. */
  async function fill(): Promise<void> {
    for (let nth = 0; nth < KEYS; nth += 200) {
      await Promise.all(
        Array.from({ length: 200 }, (_, at) => cache.set(`item:${nth + at}:any`, { at }, 600)),
      )
    }
  }

  async function outage(meanwhile: () => Promise<unknown>): Promise<number> {
    await until('a hit', isHit)
    await redis.freeze()
    await until('the outage to be noticed', async () => {
      await cache.get('row:1')
      return cache.status().circuit === 'open'
    })
    await meanwhile()
    await redis.thaw()
    const backAt = performance.now()
    await until('a hit', isHit, { deadlineMs: 30_000 })
    return performance.now() - backAt
  }

  it(`keep nobody from a hit for long: ${PATTERNS} globs over ${KEYS} keys`, async () => {
    await fill()
    const tookMs = await outage(async () => {
      for (let nth = 0; nth < PATTERNS; nth++) await cache.deletePattern(`item:*:other-${nth}`)
    })
    expect(tookMs).to.be.lessThan(BACK_WITHIN_MS)
    expect(cache.status().owedEvictions).to.equal(0)
  })

  it(`keep nobody from a hit for long: ${KEYS} keys one by one`, async () => {
    await fill()
    const tookMs = await outage(async () => {
      for (let nth = 0; nth < KEYS; nth++) await cache.delete(`item:${nth}:any`)
    })
    expect(tookMs).to.be.lessThan(BACK_WITHIN_MS)
  })

  const impossible: Readonly<Record<string, (cache: Cache) => Promise<unknown>>> = {
    'a glob of 5,000 stars': (cache) => cache.deletePattern('*a'.repeat(5_000)),
    'a glob of 20,000 stars': (cache) => cache.deletePattern('*a'.repeat(20_000)),
    'a glob of 1 MB': (cache) => cache.deletePattern(`${'a'.repeat(1_000_000)}*`),
    'a glob of 100,000 classes': (cache) => cache.deletePattern('[a-z]'.repeat(100_000)),
    'a glob with a zero byte': (cache) => cache.deletePattern('a\0*'),
    'a key of 1 MB': (cache) => cache.delete('k'.repeat(1_000_000)),
    'a value under a key of 1 MB': (cache) => cache.set('k'.repeat(1_000_000), {}, 60),
  }
  for (const [what, evict] of Object.entries(impossible)) {
    for (const isAway of [false, true]) {
      it(`are not owed for ever: ${what}${isAway ? ', while Redis is away' : ''}`, async () => {
        const attempt = () => evict(cache).catch((error: Error) => error)
        if (isAway) await outage(attempt)
        else {
          await until('a hit', isHit)
          await attempt()
        }
        await until('nothing to be owed', () => cache.status().owedEvictions === 0, { deadlineMs: 5_000 })
        await until('a hit', isHit, { deadlineMs: 5_000 })
        expect(cache.status().circuit).to.equal('closed')
      })
    }
  }
})
