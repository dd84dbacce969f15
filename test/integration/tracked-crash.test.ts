import { randomUUID } from 'node:crypto'
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

  let keyPrefix: string
  before(async function () {
    database = await postgresForTests(this)
    redis = await ownRedisForTests(this)
    const client = new pg.Client({ connectionString: database })
    await client.connect()
    await client.query('CREATE TABLE books (id int PRIMARY KEY, title text NOT NULL)')
    await client.query(`INSERT INTO books VALUES (1, 'old')`)
    await client.end()
  })
  beforeEach(async () => {
    // Each time another: who has died takes all of its cache along as soon as it is missed.
    keyPrefix = `crash-${randomUUID()}:`
    cache = createCache({ ...{ redis: redis.url, keyPrefix, deadlineMs: 5_000 }, logger: recordingLogger() })
    pool = trackPg(cache).pool(new pg.Pool({ connectionString: database }))
    const app = quietExpress()
    app.get('/books/1', cache.cacheable('book:1', 600), async (_req, res) => {
      res.send((await pool.query('SELECT title FROM books WHERE id = 1')).rows[0].title)
    })
    await cache.ready(app)
    server = await listen(app)
    ask = () => answerOf(`${server.url}/books/1`)
    await ask()
    expect((await ask()).xCache).to.equal('HIT')
  })
  afterEach(async () => {
    for (const child of children.splice(0)) await child.stop()
    await server?.close()
    await pool?.end()
    await cache?.close()
  })
  after(() => redis?.stop())

  async function start(...args: readonly string[]): Promise<TestProcess> {
    const child = await startProcess(process.execPath, [APP, redis.url, keyPrefix, database, ...args])
    children.push(child)
    return child
  }

  async function dead(child: TestProcess): Promise<void> {
    await until('it to die', () => child.exitCode() !== undefined, { deadlineMs: 20_000 })
    expect(child.output()).to.not.match(/committed|Error/)
  }

  async function write(title: string, end: 'commit' | 'wait'): Promise<TestProcess> {
    const child = await start(title, end)
    const said = end === 'commit' ? /committed/ : /written/
    await until('the other process to write', () => said.test(child.output()), { deadlineMs: 20_000 })
    return child
  }

  it('is gone for this one once it has been committed', async () => {
    await write('new', 'commit')
    expect(await ask()).to.include({ text: 'new' })
  })

  it('changes nothing if that process dies between its statements', async () => {
    const { text } = await ask()
    const child = await write('never', 'wait')
    expect(await ask()).to.include({ text })
    process.kill(child.pid, 'SIGKILL')
    // Its row is locked until PostgreSQL has noticed.
    await pool.query('SELECT 1 FROM books WHERE id = 1 FOR UPDATE')
    expect(await ask()).to.include({ text })
  })

  it('stays if that process dies after its commit, until it is missed', async () => {
    const { text } = await ask()
    await dead(await start('not crashSafe', 'die after a commit'))
    expect(await ask()).to.include({ xCache: 'HIT', text })
    await until('it to be missed', async () => (await ask()).text === 'not crashSafe', { deadlineMs: 20_000 })
  })

  for (const end of ['die after a commit', 'die after a statement']) {
    it(`is gone before its commit where it is crashSafe, if it should ${end}`, async () => {
      const title = `crashSafe, ${end}`
      await dead(await start(title, end, 'crashSafe'))
      expect(await ask()).to.include({ text: title })
      // Nobody has ended what it told ahead: it is void by itself.
      await until('a hit', async () => (await ask()).xCache === 'HIT')
      expect(await ask()).to.include({ text: title })
    })
  }
})
