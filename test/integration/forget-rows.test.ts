import { expect } from 'chai'
import {
  type Cache,
  CacheError,
  createCache,
  type ForgetOptions,
  type ForgetSubject,
} from 'express-cacheable'
import { trackPg } from 'express-cacheable/pg'
import pg from 'pg'
import { answerOf } from '../support/answer-of.js'
import { serversOfSuite } from '../support/http.js'
import { postgresForTests } from '../support/postgres.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'

const SCHEMA = `
  CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE NOT NULL, name text NOT NULL);
  CREATE TABLE tasks (id serial PRIMARY KEY, title text NOT NULL, owner int NOT NULL REFERENCES users);
  CREATE INDEX ON tasks (owner);
  CREATE TABLE subscriptions (email text NOT NULL REFERENCES users (email), topic text NOT NULL);
  CREATE TABLE notes (id serial PRIMARY KEY, about int NOT NULL, text text NOT NULL);
  CREATE INDEX ON notes (about);
  CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b));
  CREATE TABLE rates (id serial PRIMARY KEY, rate int NOT NULL);
  INSERT INTO users (id, email, name) VALUES (1701, 'ada@crm.example', 'Ada'), (1702, 'bob@crm.example', 'Bob');
  INSERT INTO tasks (title, owner) VALUES ('call', 1701), ('write', 1702);
  INSERT INTO notes (about, text) VALUES (1701, 'kind'), (1702, 'busy');
`

/** What is asked, and the statement that the answer is made from; no key but the first two names anybody. */
const ROUTES: Readonly<Record<string, string>> = {
  '/users/1701': 'SELECT * FROM users WHERE id = 1701',
  '/users/1702': 'SELECT * FROM users WHERE id = 1702',
  '/everybody': 'SELECT * FROM users ORDER BY id',
  '/count': 'SELECT count(*)::int AS n FROM users',
  '/first': `SELECT * FROM users WHERE id = 1701 AND name = 'Ada'`,
  '/second': 'SELECT * FROM users WHERE id = 1702',
  '/by-mail': `SELECT * FROM users WHERE email = 'ada@crm.example'`,
  '/her-tasks': 'SELECT * FROM tasks WHERE owner = 1701',
  '/his-tasks': 'SELECT * FROM tasks WHERE owner = 1702',
  '/all-tasks': 'SELECT * FROM tasks',
  '/topics': 'SELECT DISTINCT topic FROM subscriptions',
  '/her-notes': 'SELECT * FROM notes WHERE about = 1701',
  '/his-notes': 'SELECT * FROM notes WHERE about = 1702',
  '/rates': 'SELECT * FROM rates',
}
const ALL = Object.keys(ROUTES)

describe('cache.forget() of somebody whose rows are known', () => {
  const listen = serversOfSuite()
  let connectionString: string
  let pool: pg.Pool
  const caches: Cache[] = []

  before(async function () {
    connectionString = await postgresForTests(this)
    const admin = new pg.Client(connectionString)
    await admin.connect()
    await admin.query(SCHEMA)
    await admin.end()
  })
  afterEach(async () => {
    await pool.end()
    for (const cache of caches.splice(0)) await cache.close()
  })

  /** @param isTracked - Without, rules say what they read. */
  async function serve(isTracked = true) {
    const cache = createCache({ logger: recordingLogger() })
    caches.push(cache)
    const plain = new pg.Pool({ connectionString })
    pool = isTracked ? trackPg(cache).pool(plain) : plain
    const app = quietExpress()
    for (const [path, sql] of Object.entries(ROUTES)) {
      const reads = isTracked ? [] : [/FROM (\w+)/.exec(sql)?.[1] ?? '']
      app.get(path, cache.cacheable(path.slice(1).replace('/', ':'), 60, { reads }), async (_req, res) => {
        res.json((await pool.query(sql)).rows)
      })
    }
    await cache.ready(app)
    const url = await listen(app)
    const warm = async () => {
      for (const path of ALL) await answerOf(url + path)
    }
    /** Those whose answer has to be made anew. */
    const gone = async () => {
      const found: string[] = []
      for (const path of ALL) if ((await answerOf(url + path)).xCache !== 'HIT') found.push(path)
      return found
    }
    const forget = (subject: ForgetSubject, options?: ForgetOptions) => cache.forget(subject, options)
    return { warm, gone, forget }
  }

  /** Her notes refer to no row: a tag of theirs names her. */
  const HERS = [
    ...['/users/1701', '/everybody', '/count', '/first', '/by-mail', '/her-tasks', '/all-tasks', '/topics'],
    '/her-notes',
  ]

  it('removes what was made from the row, in lists and counts too, and from rows that refer to it', async () => {
    const { warm, gone, forget } = await serve()
    await warm()
    expect(await gone()).to.deep.equal([])
    const receipt = await forget({ user: 1701 })
    expect(receipt).to.deep.include({
      removed: HERS.length,
      tables: ['users', 'tasks', 'subscriptions'],
      acknowledged: true,
    })
    expect(await gone()).to.deep.equal(HERS)
  })

  it('takes a name in any of its forms', async () => {
    const { warm, gone, forget } = await serve()
    for (const name of ['User', 'users', 'USERS', '_user']) {
      await warm()
      await forget({ [name]: '1701' })
      expect(await gone(), name).to.deep.equal(HERS)
    }
  })

  it('looks where it is told in place of that', async () => {
    const { warm, gone, forget } = await serve()
    await warm()
    expect(await forget({ person: 1701 }, { tables: { notes: 'about' } })).to.deep.include({
      tables: ['notes'],
    })
    expect(await gone()).to.deep.equal(['/users/1701', '/first', '/her-tasks', '/her-notes'])
    expect(await forget({ person: 1701 }, { tables: {} })).to.deep.include({ tables: [] })
    expect(await gone()).to.deep.equal(['/users/1701', '/first', '/her-tasks', '/her-notes'])
    // Which id the row has, nobody knows.
    await forget({ mail: 'ada@crm.example' }, { tables: { users: ['email'] } })
    expect(await gone()).to.deep.equal([
      ...['/users/1701', '/users/1702', '/everybody', '/count', '/first', '/second', '/by-mail', '/topics'],
    ])
  })

  it('says which table is meant where none is called so', async () => {
    const { warm, gone, forget } = await serve()
    await warm()
    const refused: readonly [ForgetSubject, ForgetOptions, RegExp][] = [
      [{ usre: 1701 }, {}, /called as 'usre' may be\. Is it 'users'\? .*\{ tables: \{\} \}/],
      [{ user: 1701, mail: 'a' }, {}, /'mail'.*There are .*users/],
      [{ pair: 1 }, {}, /primary key of one column/],
      [{ user: 1701 }, { tables: { user: 'id' } }, /has no 'user'\. Is it 'users'\?/],
      [{ user: 1701 }, { tables: { users: 'ident' } }, /has no 'users\.ident'/],
    ]
    for (const [subject, options, message] of refused) {
      const error = await forget(subject, options).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(CacheError).with.property('code', 'E_CACHE_OPTION')
      expect(String(error)).to.match(message)
    }
    expect(await gone()).to.deep.equal([])
  })

  it('removes all that was made from rows while nobody knows the tables', async () => {
    const { warm, gone, forget } = await serve()
    expect(await forget({ user: 1701 })).to.deep.include({ removed: 0, tables: 'all' })
    await warm()
    await pool.query('ALTER TABLE rates ADD COLUMN IF NOT EXISTS since date')
    await warm()
    await pool.query('ALTER TABLE rates DROP COLUMN since')
    expect(await forget({ user: 1701 })).to.deep.include({ tables: 'all' })
    expect(await gone()).to.deep.equal(ALL)
  })

  it('removes all that rules say they read from such a table where nobody follows the database', async () => {
    const { warm, gone, forget } = await serve(false)
    await warm()
    expect(await forget({ user: 1701 })).to.deep.include({ tables: ['users'] })
    const ofUsers = ALL.filter((path) => ROUTES[path]?.includes('FROM users'))
    expect(await gone()).to.deep.equal(ofUsers)
    expect(await forget({ who: 1701 }, { tables: { tasks: 'owner' } })).to.deep.include({ tables: ['tasks'] })
    expect(await gone())
      .to.include('/all-tasks')
      .and.not.include('/everybody')
  })
})
