import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { type Cache, createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import { Cluster } from 'ioredis'
import pg from 'pg'
import { answerOf } from '../support/answer-of.js'
import { serversOfSuite } from '../support/http.js'
import { postgresForTests } from '../support/postgres.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { ownClusterForTests, type RedisCluster } from '../support/redis.js'

describe('two processes on a Redis Cluster that follow their pools', () => {
  const listen = serversOfSuite()
  const caches: Cache[] = []
  const clients: Cluster[] = []
  const pools: pg.Pool[] = []
  let url: string
  let cluster: RedisCluster
  let keyPrefix: string

  before(async function () {
    url = await postgresForTests(this)
    cluster = await ownClusterForTests(this)
    const admin = new pg.Client(url)
    await admin.connect()
    await admin.query('CREATE TABLE books (id serial PRIMARY KEY, author int NOT NULL, title text NOT NULL)')
    await admin.query('CREATE INDEX ON books (author)')
    await admin.query(`INSERT INTO books (author, title) VALUES (1, 'one'), (2, 'two')`)
    await admin.end()
  })
  beforeEach(() => {
    keyPrefix = `test-${randomBytes(6).toString('hex')}:`
  })
  afterEach(async () => {
    for (const pool of pools.splice(0)) await pool.end()
    for (const cache of caches.splice(0)) await cache.close()
    for (const client of clients.splice(0)) client.disconnect()
  })
  after(() => cluster?.stop())

  async function library() {
    const redis = new Cluster([...cluster.nodes])
    clients.push(redis)
    const cache = createCache({ redis, keyPrefix, deadlineMs: 5_000, logger: recordingLogger() })
    caches.push(cache)
    const pool = trackPg(cache).pool(new pg.Pool({ connectionString: url }))
    pools.push(pool)
    const titlesBy = async (author: number) => {
      const { rows } = await pool.query('SELECT title FROM books WHERE author = $1 ORDER BY id', [author])
      return rows.map(({ title }) => title)
    }
    const app = quietExpress()
    app.get('/authors/:id', cache.cacheable('author:{id}', 60), async (req, res) => {
      res.json(await titlesBy(Number(req.params.id)))
    })
    const wrapped = () => cache.wrap('titles:1', 60, () => titlesBy(1))
    app.get('/report', cache.cacheable('report', 60), async (_req, res) => {
      res.json(await wrapped())
    })
    app.get('/by-hand', cache.cacheable('by-hand', 60, { reads: ['books'] }), (_req, res) => {
      res.json('made of books')
    })
    app.put('/books', cache.evict({ writes: ['books'] }), (_req, res) => {
      res.json('written elsewhere')
    })
    await cache.ready(app)
    const base = await listen(app)
    const states = async () => {
      const seen: (string | null)[] = []
      for (const path of ['/authors/1', '/authors/2', '/report', '/by-hand']) {
        seen.push((await answerOf(base + path)).xCache)
      }
      return seen
    }
    const ask = async (path: string, method = 'GET') =>
      JSON.parse((await answerOf(base + path, { method })).body.toString())
    return { pool, states, ask, wrapped }
  }

  it('let go what was made from a row that either writes, and no more', async () => {
    const [one, other] = [await library(), await library()]
    await one.states()
    await other.states()
    expect(await other.states()).to.deep.equal(['HIT', 'HIT', 'HIT', 'HIT'])
    await one.pool.query(`UPDATE books SET title = 'uno' WHERE id = 1 RETURNING author`)
    expect(await other.ask('/authors/1')).to.deep.equal(['uno'])
    expect(await other.ask('/report')).to.deep.equal(['uno'])
    expect(await one.states()).to.deep.equal(['HIT', 'HIT', 'HIT', 'MISS'])
  })

  it('let go what a value within a load was made from, also where that was there already', async () => {
    const [one, other] = [await library(), await library()]
    await one.wrapped()
    expect(await other.ask('/report')).to.deep.equal(await one.wrapped())
    expect((await other.states())[2]).to.equal('HIT')
    await one.pool.query(`UPDATE books SET title = title || '!' WHERE id = 1`)
    expect((await other.states())[2]).to.equal('MISS')
    expect(await other.ask('/report')).to.deep.equal(await one.wrapped())
  })

  it('let go all of a table that a rule says it writes', async () => {
    const [one, other] = [await library(), await library()]
    await one.states()
    expect(await other.states()).to.deep.equal(['HIT', 'HIT', 'HIT', 'HIT'])
    await one.ask('/books', 'PUT')
    expect(await other.states()).to.deep.equal(['MISS', 'MISS', 'MISS', 'MISS'])
  })

  it('keep nothing of a transaction that was rolled back', async () => {
    const { pool, states } = await library()
    await states()
    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query(`UPDATE books SET title = 'never' WHERE id = 1`)
    await client.query('ROLLBACK')
    client.release()
    expect(await states()).to.deep.equal(['HIT', 'HIT', 'HIT', 'HIT'])
  })
})
