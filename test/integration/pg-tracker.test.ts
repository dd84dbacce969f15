import { once } from 'node:events'
import { queryObjects } from 'node:v8'
import { expect } from 'chai'
import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import pg from 'pg'
import { LoadTags } from '#src/dependencies/load-tags.js'
import { answerOf } from '../support/answer-of.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { postgresForTests } from '../support/postgres.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'

describe('a cache that follows a pool of pg', () => {
  const listen = serversOfSuite()
  let url: string
  let admin: pg.Client
  const pools: pg.Pool[] = []
  const caches: Cache[] = []

  before(async function () {
    url = await postgresForTests(this)
    admin = new pg.Client(url)
    await admin.connect()
    await admin.query('CREATE TABLE books (id serial PRIMARY KEY, author int NOT NULL, title text NOT NULL)')
    await admin.query('CREATE INDEX ON books (author)')
  })
  beforeEach(async () => {
    await admin.query('TRUNCATE books RESTART IDENTITY')
    await admin.query(`INSERT INTO books (author, title) VALUES (1, 'one'), (2, 'two')`)
  })
  afterEach(async () => {
    for (const pool of pools.splice(0)) await pool.end()
    for (const cache of caches.splice(0)) await cache.close()
  })
  after(() => admin?.end())

  async function library(options: pg.PoolConfig = {}, ofCache: CacheOptions = {}) {
    const cache = createCache({ logger: recordingLogger(), ...ofCache })
    caches.push(cache)
    const tracker = trackPg(cache)
    const pool = tracker.pool(new pg.Pool({ connectionString: url, ...options }))
    pools.push(pool)
    const app = quietExpress()
    app.get('/authors/:id', cache.cacheable('author:{id}', 60), async (req, res) => {
      const { rows } = await pool.query('SELECT title FROM books WHERE author = $1 ORDER BY id', [
        req.params.id,
      ])
      res.json(rows.map(({ title }) => title))
    })
    await cache.ready(app)
    const base = await listen(app)
    const ask = (author: number) => answerOf(`${base}/authors/${author}`)
    const warm = async () => {
      for (const author of [1, 2, 1, 2]) await ask(author)
      expect([(await ask(1)).xCache, (await ask(2)).xCache]).to.deep.equal(['HIT', 'HIT'])
    }
    /** What is answered of both authors, and from where. */
    const expectNow = async (one: string, ofOne: string[], two: string, ofTwo: string[]) => {
      const [first, second] = [await ask(1), await ask(2)]
      const seen = [first, second].map(({ xCache, body }) => [xCache, JSON.parse(body.toString())])
      expect(seen).to.deep.equal([
        [one, ofOne],
        [two, ofTwo],
      ])
    }
    return { cache, tracker, pool, app, ask, warm, expectNow }
  }

  const RENAME = `UPDATE books SET title = $1 WHERE id = $2 RETURNING author`
  const forms: Record<string, (pool: pg.Pool) => Promise<unknown>> = {
    'a text and values': (pool) => pool.query(RENAME, ['new', 1]),
    'a text and a callback': (pool) =>
      new Promise((resolve, reject) => {
        pool.query(RENAME, ['new', 1], (error, result) => (error ? reject(error) : resolve(result)))
      }),
    'a named statement': (pool) => pool.query({ name: 'rename', text: RENAME, values: ['new', 1] }),
    'rows as lists': (pool) => pool.query({ text: RENAME, values: ['new', 1], rowMode: 'array' }),
    'a query object': (pool) =>
      new Promise((resolve, reject) => {
        pool.connect((error, client, release) => {
          if (error || !client) return reject(error)
          const query = new pg.Query(RENAME, ['new', 1])
          query.on('end', () => {
            release()
            resolve(undefined)
          })
          client.query(query)
        })
      }),
    'a transaction': async (pool) => {
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query(RENAME, ['new', 1])
      await client.query('COMMIT')
      client.release()
    },
    'a transaction that nobody waits for': async (pool) => {
      const client = await pool.connect()
      await Promise.all([client.query('BEGIN'), client.query(RENAME, ['new', 1]), client.query('COMMIT')])
      client.release()
    },
    'several statements in one': (pool) =>
      pool.query(`BEGIN; UPDATE books SET title = 'new' WHERE author = 1; COMMIT`),
  }
  for (const [name, rename] of Object.entries(forms)) {
    it(`evicts what is written by ${name}`, async () => {
      const { pool, warm, expectNow, cache } = await library()
      await warm()
      const evicted = gate()
      cache.observe(({ type }) => type === 'evict' && evicted.open())
      await rename(pool)
      // Its end is told by the connection, which waits for nobody.
      const isObject = name === 'a query object'
      if (isObject) await evicted.wait
      // And gives its rows to itself alone, so that the author is not known.
      await expectNow('MISS', ['new'], isObject ? 'MISS' : 'HIT', ['two'])
    })
  }

  it('evicts nothing before the commit, nor after a rollback', async () => {
    const { pool, warm, expectNow } = await library()
    await warm()
    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query(RENAME, ['new', 1])
    await expectNow('HIT', ['one'], 'HIT', ['two'])
    await client.query('ROLLBACK')
    await expectNow('HIT', ['one'], 'HIT', ['two'])
    await client.query('BEGIN')
    await client.query(RENAME, ['newer', 1])
    await expectNow('HIT', ['one'], 'HIT', ['two'])
    await client.query('COMMIT')
    client.release()
    await expectNow('MISS', ['newer'], 'HIT', ['two'])
  })

  for (const ofCache of [{}, { dependencies: 'check' }, { crashSafe: true }] as const) {
    it(`sends what nobody waits for in the order of the calls (${JSON.stringify(ofCache)})`, async function () {
      const { pool, ask } = await library({}, { redis: await redisForTests(this), ...ofCache })
      const client = await pool.connect()
      try {
        for (const end of ['ROLLBACK', 'COMMIT']) {
          const title = `until ${end}`
          await ask(1)
          await Promise.all([
            client.query('BEGIN'),
            once(client.query(new pg.Query(`UPDATE books SET title = $1 WHERE id = 1`, [title])), 'end'),
            client.query('INSERT INTO books (author, title) VALUES (1, $1)', [title]),
            client.query(end),
          ])
          const { rows } = await admin.query('SELECT title FROM books WHERE author = 1 ORDER BY id')
          expect(rows.map((row) => row.title)).to.deep.equal(end === 'COMMIT' ? [title, title] : ['one'])
        }
      } finally {
        client.release()
      }
    })
  }

  it('does not evict what the database has refused', async () => {
    const { pool, warm, expectNow } = await library()
    await warm()
    const refused = await pool.query('UPDATE books SET title = NULL WHERE id = 1').catch((error) => error)
    expect(refused).to.have.property('code', '23502')
    await expectNow('HIT', ['one'], 'HIT', ['two'])
  })

  it('counts a commit whose answer is lost as one', async () => {
    const { pool, warm, expectNow } = await library()
    pool.on('error', () => {})
    await warm()
    const client = await pool.connect()
    client.on('error', () => {})
    await client.query('BEGIN')
    await client.query(RENAME, ['new', 1])
    const { pid } = (await client.query('SELECT pg_backend_pid() AS pid')).rows[0]
    // The server commits, and its answer does not arrive.
    const stream = Reflect.get(Reflect.get(client, 'connection'), 'stream')
    stream.pause()
    const committing = client.query('COMMIT').catch((error) => error)
    for (;;) {
      const { rows } = await admin.query(`SELECT state FROM pg_stat_activity WHERE pid = $1`, [pid])
      if (rows[0]?.state === 'idle') break
    }
    stream.destroy()
    expect(await committing).to.be.an('error')
    client.release(true)
    await expectNow('MISS', ['new'], 'HIT', ['two'])
  })

  it('knows whose query it is when a full pool calls back in the context of another', async () => {
    const { pool, app, cache, ask, expectNow } = await library({ max: 1 })
    const [isHeld, mayLetGo] = [gate(), gate()]
    app.get('/slow', cache.cacheable('slow', 60), async (_req, res) => {
      const client = await pool.connect()
      isHeld.open()
      await mayLetGo.wait
      client.release()
      res.json('slow')
    })
    const base = await listen(app)
    const slow = fetch(`${base}/slow`)
    await isHeld.wait
    const waiting = ask(1)
    while (pool.waitingCount === 0) await new Promise((resolve) => setImmediate(resolve))
    mayLetGo.open()
    await Promise.all([slow, waiting])
    await pool.query(RENAME, ['new', 1])
    await expectNow('MISS', ['new'], 'MISS', ['two'])
  })

  it('evicts all for a query object that does not say what it sends', async () => {
    const { pool, warm, expectNow, cache } = await library()
    await warm()
    const evicted = gate()
    cache.observe(({ type }) => type === 'evict' && evicted.open())
    const query = new pg.Query(RENAME, ['new', 1])
    const silent = new Proxy(query, {
      get(_, name) {
        if (name === 'text' || name === 'values') return undefined
        const value: unknown = Reflect.get(query, name)
        return typeof value === 'function' ? value.bind(query) : value
      },
    })
    const client = await pool.connect()
    client.query(silent)
    await evicted.wait
    client.release()
    await expectNow('MISS', ['new'], 'MISS', ['two'])
  })

  it('keeps nothing of what was read on a connection', async () => {
    const { ask, cache } = await library({ max: 1 })
    for (let nth = 0; nth < 50; nth++) {
      await ask(1)
      await cache.delete('author:1')
    }
    expect(queryObjects(LoadTags)).to.be.below(10)
  })

  it('follows a pool that has connections already, and a client alone', async () => {
    const { tracker, warm, expectNow } = await library()
    const used = new pg.Pool({ connectionString: url })
    pools.push(used)
    await used.query('SELECT 1')
    await warm()
    await tracker.pool(used).query(RENAME, ['new', 1])
    await expectNow('MISS', ['new'], 'HIT', ['two'])
    const client = tracker.client(new pg.Client(url))
    await client.connect()
    await client.query(RENAME, ['newer', 1])
    await client.end()
    await expectNow('MISS', ['newer'], 'HIT', ['two'])
  })

  it('evicts all once the tables are others', async () => {
    const { pool, warm, ask } = await library()
    await warm()
    await pool.query('ALTER TABLE books ADD COLUMN IF NOT EXISTS pages int')
    expect((await ask(1)).xCache).to.equal('MISS')
  })

  it("lets no trouble of its own become the query's", async () => {
    const { pool } = await library()
    expect(await pool.query('no SQL').catch((error) => error)).to.have.property('code', '42601')
    expect((await pool.query('SELECT 1 AS one')).rows).to.deep.equal([{ one: 1 }])
  })
})
