import { expect } from 'chai'
import type { ErrorRequestHandler, Express } from 'express'
import { type Cache, CacheError, type CacheEvent, type CacheOptions, createCache } from 'express-cacheable'
import { partsOf } from '#src/cache-parts.js'
import { answerOf } from '../../support/answer-of.js'
import { FakeFollowedDatabase } from '../../support/fake-followed-database.js'
import { freePort } from '../../support/free-port.js'
import { gate } from '../../support/gate.js'
import { serversOfSuite } from '../../support/http.js'
import { quietExpress } from '../../support/quiet-express.js'
import { openRaw, parseAnswer, readToEnd } from '../../support/raw-http.js'
import { type RecordingLogger, recordingLogger } from '../../support/recording-logger.js'
import { until } from '../../support/until.js'

const LATE = 'express-cacheable;fwd=bypass;detail="follower late"'
const KEPT = 'express-cacheable;fwd=bypass;detail="eviction kept"'
/** Of tests in which nobody is late. */
const PATIENT_MS = 60_000

describe('cache.barrier()', () => {
  const listen = serversOfSuite()
  const caches: Cache[] = []
  let logger: RecordingLogger
  let events: CacheEvent[]
  afterEach(async () => {
    for (const cache of caches.splice(0)) await cache.close()
  })

  function makeCache(options: CacheOptions = {}): Cache {
    logger = recordingLogger()
    events = []
    const cache = createCache({ logger, deadlineMs: PATIENT_MS, ...options })
    cache.observe((event) => {
      if (event.type === 'barrier') events.push(event)
    })
    caches.push(cache)
    return cache
  }

  function follow(cache: Cache, ...databases: FakeFollowedDatabase[]): (() => void)[] {
    return databases.map((database) => partsOf(cache).followed.add(database, {}))
  }

  /** An application whose writes commit to the first of the databases. */
  async function serve(cache: Cache, [database]: FakeFollowedDatabase[], mount?: (app: Express) => void) {
    const app = quietExpress()
    mount?.(app)
    app.put('/row', cache.barrier(), (_req, res) => {
      database?.commit()
      res.set('X-Own', 'yes').status(201).json({ version: 2 })
    })
    await cache.ready(app)
    return listen(app)
  }

  /** Sends a write and tells how many bytes of its answer have come. */
  async function write(url: string, target = '/row', method = 'PUT') {
    const socket = await openRaw(url, { method, target })
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
    })
    const ended = readToEnd(socket).then((all) => parseAnswer(all, method))
    return { bytes: () => bytes, ended }
  }

  it('holds the answer until what was committed by its end is evicted', async () => {
    const cache = makeCache()
    const crm = new FakeFollowedDatabase()
    follow(cache, crm)
    const { bytes, ended } = await write(await serve(cache, [crm]))
    await until('it to wait', () => crm.asked.length === 2)
    expect([crm.asked, bytes()]).to.deep.equal([['position', 'passed 1'], 0])
    crm.catchUp()
    const { status, text, header } = await ended
    expect([status, text, header('x-own'), header('cache-status')]).to.deep.equal([
      ...[201, '{"version":2}', 'yes', undefined],
    ])
    expect(events.map((event) => ({ ...event, ms: 0 }))).to.deep.equal([
      { type: 'barrier', database: 'crm', passed: true, ms: 0 },
    ])
    expect(cache.stats().lateBarriers).to.equal(0)
  })

  it('waits for each of two databases', async () => {
    const cache = makeCache()
    const both = [new FakeFollowedDatabase('crm'), new FakeFollowedDatabase('shop')] as const
    for (const each of both) each.commit()
    follow(cache, ...both)
    const { bytes, ended } = await write(await serve(cache, [...both]))
    await until('it to wait', () => both.every(({ asked }) => asked.length === 2))
    both[1].catchUp()
    await until('the first to be passed', () => events.length === 1)
    expect([events.map((event) => 'database' in event && event.database), bytes()]).to.deep.equal([
      ['shop'],
      0,
    ])
    both[0].catchUp()
    expect((await ended).status).to.equal(201)
  })

  it('has all of the database evicted on the deadline, and lets the answer leave behind that', async () => {
    const cache = makeCache({ deadlineMs: 20 })
    const crm = new FakeFollowedDatabase()
    const evicted = gate()
    crm.evicting = () => evicted.wait
    follow(cache, crm)
    const { bytes, ended } = await write(await serve(cache, [crm]))
    await until('the eviction', () => crm.asked.includes('evictAll'))
    expect(bytes()).to.equal(0)
    evicted.open()
    const { status, header } = await ended
    expect([status, header('cache-status')]).to.deep.equal([201, LATE])
    expect(crm.asked).to.deep.equal(['position', 'passed 1', 'evictAll'])
    expect([
      events.map((event) => 'passed' in event && event.passed),
      cache.stats().lateBarriers,
    ]).to.deep.equal([[false], 1])
  })

  it('evicts at once where the database does not say its position, or fails', async () => {
    const cache = makeCache()
    const [mute, broken] = [new FakeFollowedDatabase('mute'), new FakeFollowedDatabase('broken')]
    mute.isSpeaking = false
    broken.passed = () => Promise.reject(new Error('broken'))
    follow(cache, mute, broken)
    const { header } = await (await write(await serve(cache, [mute]))).ended
    expect(header('cache-status')).to.equal(LATE)
    expect([mute.asked, broken.asked]).to.deep.equal([
      ['position', 'evictAll'],
      ['position', 'evictAll'],
    ])
  })

  it('tells in the log once that it is late, and that it is no longer', async () => {
    const cache = makeCache()
    const crm = new FakeFollowedDatabase()
    crm.isSpeaking = false
    follow(cache, crm)
    const url = await serve(cache, [crm])
    for (let count = 0; count < 3; count++) await (await write(url)).ended
    crm.isSpeaking = true
    const { ended } = await write(url)
    await until('it to wait', () => crm.asked.at(-1)?.startsWith('passed') ?? false)
    crm.catchUp()
    await ended
    const lines = logger.lines.filter(({ message }) => message.includes('behind the database crm'))
    expect(lines.map(({ level }) => level)).to.deep.equal(['warn', 'info'])
  })

  it('holds no answer of a write that failed', async () => {
    const cache = makeCache()
    const crm = new FakeFollowedDatabase()
    follow(cache, crm)
    const url = await serve(cache, [crm], (app) => {
      app.put('/refused', cache.barrier(), (_req, res) => void res.status(409).json({}))
      app.put('/thrown', cache.barrier(), () => {
        throw new Error('no')
      })
    })
    const statuses = []
    for (const target of ['/refused', '/thrown'])
      statuses.push((await (await write(url, target)).ended).status)
    expect([statuses, crm.asked]).to.deep.equal([[409, 500], []])
  })

  it('lets safe methods pass untouched, where it stands before all routes', async () => {
    const cache = makeCache()
    const crm = new FakeFollowedDatabase()
    follow(cache, crm)
    const untouched: boolean[] = []
    const url = await serve(cache, [crm], (app) => {
      app.use(cache.barrier())
      app.all('/any', (_req, res) => {
        untouched.push(!Object.hasOwn(res, 'end'))
        res.end()
      })
    })
    for (const method of ['GET', 'HEAD', 'OPTIONS']) await (await write(url, '/any', method)).ended
    expect([untouched, crm.asked]).to.deep.equal([[true, true, true], []])
    await (await write(url, '/any', 'DELETE')).ended
    expect([untouched.at(-1), crm.asked.length]).to.deep.equal([false, 2])
  })

  it('holds beside evictions of the route, which do not wait for it', async () => {
    const cache = makeCache()
    const crm = new FakeFollowedDatabase()
    follow(cache, crm)
    const url = await serve(cache, [crm], (app) => {
      app.use(cache.barrier())
      app.get('/other', cache.cacheable('other', 60), (_req, res) => void res.json({}))
      app.put('/other', cache.evict('other'), (_req, res) => {
        crm.commit()
        res.json({})
      })
    })
    await answerOf(`${url}/other`)
    const { bytes, ended } = await write(url, '/other')
    await until('it to wait', () => crm.asked.length === 2)
    expect([(await answerOf(`${url}/other`)).xCache, bytes()]).to.deep.equal(['MISS', 0])
    crm.catchUp()
    expect((await ended).status).to.equal(200)
  })

  it('asks for nothing for a client that has gone', async () => {
    const cache = makeCache()
    const crm = new FakeFollowedDatabase()
    follow(cache, crm)
    const [begun, goOn] = [gate(), gate()]
    let isClosed = false
    const url = await serve(cache, [crm], (app) => {
      app.put('/slow', cache.barrier(), async (_req, res) => {
        res.once('close', () => {
          isClosed = true
        })
        begun.open()
        await goOn.wait
        res.end()
      })
    })
    const socket = await openRaw(url, { method: 'PUT', target: '/slow' })
    await begun.wait
    socket.destroy()
    await until('the server to see that', () => isClosed)
    goOn.open()
    const { ended } = await write(url)
    await until('another to wait', () => crm.asked.length === 2)
    crm.catchUp()
    await ended
    expect(crm.asked).to.deep.equal(['position', 'passed 1'])
  })

  it('does not keep the answer of a write whose database is followed no longer, and evicts all', async () => {
    const cache = makeCache()
    const crm = new FakeFollowedDatabase()
    const [leave] = follow(cache, crm)
    const [begun, goOn] = [gate(), gate()]
    const url = await serve(cache, [crm], (app) => {
      app.put('/slow', cache.barrier(), async (_req, res) => {
        begun.open()
        await goOn.wait
        res.end()
      })
    })
    const slow = await write(url, '/slow')
    await begun.wait
    crm.isSpeaking = false
    leave?.()
    goOn.open()
    const answers = [await slow.ended, await (await write(url)).ended]
    expect(answers.map(({ header }) => header('cache-status'))).to.deep.equal([LATE, LATE])
    expect(crm.asked).to.deep.equal(['position', 'evictAll', 'position', 'evictAll'])
  })

  it('waits for nobody while the store is left alone, and says that evictions are kept', async () => {
    const cache = makeCache({ redis: `redis://127.0.0.1:${await freePort()}`, deadlineMs: 50 })
    const crm = new FakeFollowedDatabase()
    const { engine } = partsOf(cache)
    crm.evicting = async () => void (await engine.evict([{ kind: 'tags', prefix: 'crm:' }]))
    follow(cache, crm)
    const url = await serve(cache, [crm])
    await until('the circuit to open', () => engine.circuit === 'open')
    const { header } = await (await write(url)).ended
    expect([header('cache-status'), crm.asked]).to.deep.equal([KEPT, ['evictAll']])
  })

  describe('without a followed database', () => {
    const tellCode: ErrorRequestHandler = (error, _req, res, _next) => {
      res.status(500).send(error instanceof CacheError ? error.code : String(error))
    }

    it('fails the first write before its handler runs, and warns when the cache is ready', async () => {
      const cache = makeCache()
      const crm = new FakeFollowedDatabase()
      const app = quietExpress()
      let runs = 0
      app.use(cache.barrier())
      app.all('/row', (_req, res) => {
        runs++
        res.end()
      })
      app.use(tellCode)
      await cache.ready(app)
      expect(logger.lines.map(({ message }) => message).join()).to.match(/cache\.barrier\(\) has no database/)
      const url = await listen(app)
      const refused = await (await write(url)).ended
      expect([refused.status, refused.text, runs]).to.deep.equal([500, 'E_CACHE_BARRIER', 0])
      await (await write(url, '/row', 'GET')).ended
      follow(cache, crm)
      expect([(await (await write(url)).ended).status, runs]).to.deep.equal([200, 2])
    })

    it('does nothing where the cache is switched off', async () => {
      const cache = makeCache({ enabled: false })
      const crm = new FakeFollowedDatabase()
      const url = await serve(cache, [crm])
      expect((await (await write(url)).ended).status).to.equal(201)
      follow(cache, crm)
      expect((await (await write(url)).ended).status).to.equal(201)
      expect([crm.asked, logger.lines]).to.deep.equal([[], []])
    })
  })
})
