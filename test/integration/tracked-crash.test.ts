import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type Cache, createCache } from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import pg from 'pg'
import { answerOf } from '../support/answer-of.js'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { type Listening, listen } from '../support/http.js'
import { postgresForTests } from '../support/postgres.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { until } from '../support/until.js'

const APP = fileURLToPath(new URL('tracked-crash-app.js', import.meta.url))

describe('what another process writes and a tracker sees', function () {
  this.timeout(60_000)
  const children: TestProcess[] = []
  let database: string
  let redis: RedisServer
  let cache: Cache
  let pool: pg.Pool
  let server: Listening
  let ask: () => ReturnType<typeof answerOf>

  before(async function () {
    database = await postgresForTests(this)
    redis = await ownRedisForTests(this)
    this.timeout(60_000)
    cache = createCache({
      ...{ redis: redis.url, keyPrefix: 'crash:', deadlineMs: 5_000 },
      logger: recordingLogger(),
    })
    pool = trackPg(cache).pool(new pg.Pool({ connectionString: database }))
    await pool.query('CREATE TABLE books (id int PRIMARY KEY, title text NOT NULL)')
    await pool.query(`INSERT INTO books VALUES (1, 'old')`)
    const app = quietExpress()
    app.get('/books/1', cache.cacheable('book:1', 600), async (_req, res) => {
      res.send((await pool.query('SELECT title FROM books WHERE id = 1')).rows[0].title)
    })
    await cache.ready(app)
    server = await listen(app)
    ask = () => answerOf(`${server.url}/books/1`)
  })
  afterEach(async () => {
    for (const child of children.splice(0)) await child.stop()
  })
  after(async () => {
    await server?.close()
    await pool?.end()
    await cache?.close()
    await redis?.stop()
  })

  async function write(title: string, end: 'commit' | 'wait'): Promise<TestProcess> {
    const child = await startProcess(process.execPath, [APP, redis.url, database, title, end])
    children.push(child)
    const said = end === 'commit' ? /committed/ : /written/
    await until('the other process to write', () => said.test(child.output()), { deadlineMs: 20_000 })
    return child
  }

  it('is gone for this one once it has been committed', async () => {
    await ask()
    expect(await ask()).to.include({ xCache: 'HIT', text: 'old' })
    await write('new', 'commit')
    expect(await ask()).to.include({ text: 'new' })
  })

  it('changes nothing if that process dies between its statements', async () => {
    await ask()
    expect(await ask()).to.include({ xCache: 'HIT', text: 'new' })
    const child = await write('never', 'wait')
    expect(await ask()).to.include({ text: 'new' })
    process.kill(child.pid, 'SIGKILL')
    // Its row is locked until PostgreSQL has noticed.
    await pool.query('SELECT 1 FROM books WHERE id = 1 FOR UPDATE')
    expect(await ask()).to.include({ text: 'new' })
  })
})
