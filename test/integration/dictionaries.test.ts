import { randomBytes, randomInt } from 'node:crypto'
import { expect } from 'chai'
import { type Cache, type CacheableOptions, type CacheOptions, createCache } from 'express-cacheable'
import { Redis } from 'ioredis'
import { partsOf } from '#src/cache-parts.js'
import { Random } from '../consistency/random.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'

const STATES = ['LEAD', 'QUALIFIED', 'CUSTOMER', 'LOST']
const MARK = 0xfd
const MEMORY = { maxBytes: 1_000_000, maxAgeMs: 3_600_000 }

interface Running {
  readonly cache: Cache
  readonly url: string
  stop(): Promise<void>
}

describe('answers that are kept with a dictionary', () => {
  let redisUrl: string
  let redis: Redis
  let keyPrefix: string
  const running = new Set<Running>()
  const versions = new Map<number, number>()

  before(async function () {
    redisUrl = await redisForTests(this)
    redis = new Redis(redisUrl)
  })
  after(() => redis?.disconnect())
  beforeEach(() => {
    keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    versions.clear()
  })
  afterEach(async () => {
    for (const { stop } of running) await stop()
    await remove('*')
  })

  const namesOf = (pattern: string) => redis.keys(`${keyPrefix}${pattern}`)
  async function remove(pattern: string): Promise<void> {
    const names = await namesOf(pattern)
    if (names.length > 0) await redis.del(...names)
  }
  const packedNames = async () => {
    const names = await namesOf('customer:*')
    const values = await Promise.all(names.map((name) => redis.getBuffer(name)))
    return names.filter((_, nth) => values[nth]?.[0] === MARK)
  }

  const customer = (id: number) => {
    const version = versions.get(id) ?? 0
    return { id, name: `Customer ${id}`, state: STATES[(id + version) % 4], note: `Nôte ${version}`, version }
  }

  /** One process of several; without a cache, what the others are compared with. */
  async function start(options: CacheOptions | null, rule: CacheableOptions = {}): Promise<Running> {
    const cache = createCache({
      ...{ redis: redisUrl, keyPrefix, deadlineMs: 5_000, logger: recordingLogger() },
      ...(options ?? { enabled: false }),
    })
    const app = quietExpress()
    const isCached = options !== null
    const kept = cache.cacheable('customer:{id}', 60, { compress: 'dictionary', ...rule })
    app.get('/customers/:id', ...(isCached ? [kept] : []), (req, res) => {
      const id = Number(req.params.id)
      if (id % 5 === 0) res.set('Cache-Control', 'max-age=60')
      res.json(customer(id))
    })
    app.put('/customers/:id', ...(isCached ? [cache.evict('customer:{id}')] : []), (req, res) => {
      const id = Number(req.params.id)
      versions.set(id, (versions.get(id) ?? 0) + 1)
      res.json({})
    })
    await cache.ready(app)
    const server: Listening = await listen(app)
    const started: Running = {
      ...{ cache, url: server.url },
      async stop() {
        running.delete(started)
        await server.close()
        await cache.close()
      },
    }
    running.add(started)
    return started
  }

  const ask = ({ url }: Running, id: number, headers: Record<string, string> = {}, method = 'GET') =>
    sendRaw(url, { target: `/customers/${id}`, headers, method })

  /** Asks for one after the other until one is kept packed. @returns Its id. */
  async function learn(process: Running): Promise<number> {
    for (let id = 1_001; id < 3_000; id += 1) {
      await ask(process, id)
      const value = await redis.getBuffer(`${keyPrefix}customer:${id}`)
      if (value?.[0] === MARK) return id
    }
    throw new Error('nothing has been packed')
  }

  const said = ({ statusLine, header, body }: RawAnswer) => ({
    ...{ statusLine, body: body.toString('latin1') },
    headers: ['content-type', 'content-length', 'etag', 'cache-control', 'vary'].map(header),
  })

  it('are the same on the wire, to everyone, and take half the room', async () => {
    const process = await start({})
    const id = await learn(process)
    const bare = await start(null)
    const other = await start({ memory: MEMORY })
    for (const asked of [process, other, other]) {
      for (const headers of [{}, { 'Accept-Encoding': 'br, deflate' }] as Record<string, string>[]) {
        for (const method of ['GET', 'HEAD']) {
          const hit = await ask(asked, id, headers, method)
          expect(hit.header('x-cache')).to.equal('HIT')
          expect(said(hit)).to.deep.equal(said(await ask(bare, id, headers, method)))
        }
      }
      const { header } = await ask(asked, id)
      const same = await ask(asked, id, { 'If-None-Match': header('etag') as string })
      expect([same.status, same.body.length]).to.deep.equal([304, 0])
      expect(await asked.cache.getMany([`customer:${id}`, 'none'])).to.deep.equal([customer(id), null])
    }
    const { entries } = await partsOf(other.cache).store.browse({ prefix: '', limit: 5_000 })
    expect(entries.map(({ key }) => key).filter((key) => key.startsWith('#'))).to.deep.equal([])
    const stored = entries.find(({ key }) => key === `customer:${id}`)
    expect(stored?.bytes).to.be.lessThan(JSON.stringify(customer(id)).length / 2)
    for (const name of await namesOf('#dictionary:*'))
      expect(await redis.pttl(name)).to.be.greaterThan(60_000)
  })

  it('go with a mark, which is put into what has been unpacked', async () => {
    const process = await start({}, { mark: 'cached' })
    const id = await learn(process)
    expect(JSON.parse((await ask(process, id)).text)).to.deep.equal({ ...customer(id), cached: true })
  })

  it('are misses without their dictionary, and none of them is stored in vain', async () => {
    const process = await start({})
    const id = await learn(process)
    await remove('#dictionary:*')
    const other = await start({})
    expect(await other.cache.get(`customer:${id}`)).to.equal(null)
    for (const expected of ['MISS', 'HIT', 'HIT']) {
      const answer = await ask(other, id)
      expect([answer.header('x-cache'), answer.text]).to.deep.equal([expected, JSON.stringify(customer(id))])
    }
    expect((await ask(process, id)).header('x-cache')).to.equal('HIT')
  })

  it('are forgotten with whom their dictionary names', async () => {
    const process = await start({})
    await learn(process)
    await process.cache.forget({ state: 'somebody' })
    expect(await namesOf('#dictionary:*')).to.have.length(1)
    await process.cache.forget({ state: 'QUALIFIED' })
    // The receipt does not wait for it.
    while ((await namesOf('#dictionary:*')).length > 0) await redis.ping()
  })

  it('are never wrong, whatever Redis loses and whenever', async () => {
    const seed = Number(globalThis.process.env.WALK_SEED ?? randomInt(2 ** 31))
    const random = new Random(seed)
    const bare = await start(null)
    const first = await start({})
    await learn(first)
    const processes = [first, await start({ memory: MEMORY }), await start({})]
    let packedHits = 0
    const read = async (process: Running, id: number) => {
      const name = `${keyPrefix}customer:${id}`
      const isPacked = (await redis.getBuffer(name))?.[0] === MARK
      const answer = await ask(process, id)
      if (isPacked && answer.header('x-cache') === 'HIT') packedHits += 1
      expect(said(answer), `seed ${seed}, customer ${id}`).to.deep.equal(said(await ask(bare, id)))
    }
    const trouble: (() => Promise<unknown>)[] = [
      () => remove('#dictionary:*'),
      () => remove('#agreed:*'),
      () => remove('*'),
      async () => {
        const [name] = await packedNames()
        const value = name && (await redis.getBuffer(name))
        if (value) await redis.set(name, value.subarray(0, -1), 'KEEPTTL')
      },
      async () => {
        const [name] = await namesOf('#dictionary:*')
        if (name) await redis.set(name, 'something else', 'KEEPTTL')
      },
      async () => {
        const at = random.below(processes.length)
        await processes[at]?.stop()
        processes[at] = await start(at === 1 ? { memory: MEMORY } : {})
      },
    ]
    for (let step = 0; step < 500; step += 1) {
      const process = processes[random.below(3)] as Running
      const id = random.below(80)
      if (step > 100 && random.chance(0.04)) await random.oneOf(trouble)()
      // Copies of others than who writes may be old until word has come, which is no part of this.
      else if (random.chance(0.1)) await ask(processes[1] as Running, id, {}, 'PUT')
      else await read(process, id)
    }
    expect(packedHits, `seed ${seed}`).to.be.greaterThan(5)
  })
})
