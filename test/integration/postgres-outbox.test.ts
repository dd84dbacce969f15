import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type pg from 'pg'
import type { ChangeStream } from '#src/postgres/change-source.js'
import type { OutboxSource } from '#src/postgres/outbox/outbox-source.js'
import { OUTBOX_DDL_SQL } from '#src/postgres/outbox/outbox-sql.js'
import { OutboxDatabase, readAll } from '../support/outbox-database.js'
import { until } from '../support/until.js'

const SCHEMA = `
  CREATE TYPE status AS ENUM ('open', 'done');
  CREATE TABLE users (id int PRIMARY KEY, email text UNIQUE, name text);
  CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    user_id int REFERENCES users ON DELETE CASCADE ON UPDATE CASCADE,
    status status NOT NULL DEFAULT 'open',
    is_urgent boolean NOT NULL DEFAULT false,
    points bigint,
    twice bigint GENERATED ALWAYS AS (points * 2) STORED,
    secret text
  );
  CREATE INDEX ON tasks (status);
  CREATE INDEX ON tasks (is_urgent);
  CREATE INDEX ON tasks (twice);
  CREATE TABLE events (id int, day int, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
  CREATE TABLE events_early PARTITION OF events FOR VALUES FROM (MINVALUE) TO (5);
  CREATE TABLE events_late PARTITION OF events FOR VALUES FROM (5) TO (MAXVALUE);
  CREATE TABLE animals (id int PRIMARY KEY);
  CREATE TABLE birds (wings int) INHERITS (animals);
  CREATE SCHEMA "Odd ""Names""";
  CREATE TABLE "Odd ""Names"""."it's \\ odd" ("the 'id'" text PRIMARY KEY);
  CREATE TABLE notes (body text);
`
const TASK = (n: number) => `a000000${n}-0000-4000-8000-00000000000b`

describe('the outbox of a PostgreSQL', () => {
  let database: OutboxDatabase
  let source: OutboxSource
  let stream: ChangeStream
  let group: string

  before(async function () {
    database = await OutboxDatabase.make(this, SCHEMA)
  })
  beforeEach(() => {
    group = randomBytes(8).toString('hex')
    source = database.source()
  })
  afterEach(() => database.release())
  after(() => database?.close())

  async function open(): Promise<ChangeStream> {
    const opened = await database.open(source, group)
    if (!opened) throw new Error('another one follows')
    return opened
  }
  /** What whoever follows hears of a statement. */
  async function heardOf(sql: string): Promise<readonly string[]> {
    await database.run(sql)
    return readAll(stream, source)
  }

  describe('while it is followed', () => {
    beforeEach(async () => {
      await database.run('TRUNCATE users, tasks, events, animals, notes CASCADE')
      stream = await open()
      await readAll(stream, source)
    })

    it('tells of rows that come, change and go, as they were and as they are', async () => {
      expect(await heardOf(`INSERT INTO users VALUES (1, 'ada@crm.example', 'Ada')`)).to.deep.equal([
        ...['any-table', 'users#1', 'users[]', 'users[email=ada@crm.example]'],
      ])
      expect(await heardOf(`UPDATE users SET email = NULL WHERE id = 1`)).to.deep.equal([
        ...['any-table', 'users#1', 'users[]', 'users[email=(null)]', 'users[email=ada@crm.example]'],
      ])
      expect(await heardOf(`UPDATE users SET name = 'Grace'`)).to.deep.equal([
        ...['any-table', 'users#1', 'users[]', 'users[email=(null)]'],
      ])
      expect(await heardOf('DELETE FROM users')).to.include('users#1')
      expect(await heardOf('DELETE FROM users')).to.deep.equal([])
    })

    it('spells values of every type as statements do, and keeps no others', async () => {
      await database.run(`INSERT INTO users VALUES (7, NULL, NULL)`)
      await readAll(stream, source)
      const heard = await heardOf(
        `INSERT INTO tasks VALUES ('${TASK(1).toUpperCase()}', 7, 'done', true, 4611686018427387900, DEFAULT, 's3cret')`,
      )
      expect(heard).to.include.members([
        ...[`tasks#${TASK(1)}`, 'tasks[user_id=7]', 'tasks[status=done]', 'tasks[is_urgent=true]'],
        'tasks[twice=9223372036854775800]',
      ])
      await database.run('BEGIN; UPDATE tasks SET is_urgent = false')
      const [{ images } = {}] = await database.run('SELECT images::text FROM express_cacheable.changes')
      await database.run('COMMIT')
      expect(images).to.include('"is_urgent": "false"').and.not.include('s3cret')
    })

    it('tells of both halves of an upsert, of COPY and of MERGE', async () => {
      await database.run(`INSERT INTO users VALUES (1, 'one', NULL)`)
      await readAll(stream, source)
      const upserted = await heardOf(
        `INSERT INTO users VALUES (1, 'x', NULL), (2, 'two', NULL) ON CONFLICT (id) DO UPDATE SET email = 'uno'`,
      )
      expect(upserted).to.include.members(['users#1', 'users#2', 'users[email=one]', 'users[email=uno]'])
      expect(upserted).not.to.include('users[email=x]')
      expect(await heardOf(`COPY users FROM PROGRAM 'printf "8\\tcopied\\t\\n"'`)).to.include('users#8')
      const merged = await heardOf(`
        MERGE INTO users u USING (VALUES (2, 'second'), (3, 'third')) AS given (id, email) ON u.id = given.id
        WHEN MATCHED THEN UPDATE SET email = given.email
        WHEN NOT MATCHED THEN INSERT VALUES (given.id, given.email, NULL)`)
      expect(merged).to.include.members(['users[email=two]', 'users[email=second]', 'users#3'])
    })

    it('tells of what foreign keys change', async () => {
      await database.run(
        `INSERT INTO users VALUES (1), (2); INSERT INTO tasks (id, user_id) VALUES ('${TASK(1)}', 1)`,
      )
      await readAll(stream, source)
      expect(await heardOf('UPDATE users SET id = 3 WHERE id = 1')).to.include.members([
        ...['users#1', 'users#3', `tasks#${TASK(1)}`, 'tasks[user_id=1]', 'tasks[user_id=3]'],
      ])
      expect(await heardOf('DELETE FROM users WHERE id = 3')).to.include.members([
        ...['users#3', `tasks#${TASK(1)}`, 'tasks[user_id=3]'],
      ])
    })

    it('tells of partitions and heirs by the table that they belong to', async () => {
      expect(await heardOf('INSERT INTO events VALUES (1, 1)')).to.include('events[day=1,id=1]')
      expect(await heardOf('INSERT INTO events_late VALUES (2, 7)')).to.include('events[day=7,id=2]')
      expect(await heardOf('UPDATE events SET day = 9 WHERE id = 1'), 'to another one').to.include.members([
        ...['events[day=1,id=1]', 'events[day=9,id=1]'],
      ])
      expect(await heardOf('INSERT INTO birds VALUES (4, 2)')).to.include('animals#4')
      expect(await heardOf('DELETE FROM animals')).to.include('animals#4')
    })

    it('tells of tables and columns of any name, and of a table without a key', async () => {
      const odd = `"Odd ""Names"""."it's \\ odd"`
      const heard = await heardOf(`INSERT INTO ${odd} VALUES ('a')`)
      expect(heard.filter((tag) => tag.endsWith('#a'))).to.have.lengthOf(1)
      expect(await heardOf(`INSERT INTO notes VALUES ('hello')`)).to.include('notes[]')
    })

    it('says no more than the table of what is large, and of TRUNCATE', async () => {
      const many = await heardOf('INSERT INTO users SELECT n FROM generate_series(1, 201) AS n')
      expect(many).to.deep.equal(['any-table', 'users*'])
      expect(await heardOf('TRUNCATE users CASCADE')).to.deep.equal(['any-table', 'tasks*', 'users*'])
    })

    it('says no more than the table of long texts', async () => {
      const text = `(SELECT string_agg(md5((n * 100 + m)::text), '') FROM generate_series(1, 60) AS m)`
      expect(
        await heardOf(`INSERT INTO users SELECT n, ${text} FROM generate_series(1, 60) AS n`),
      ).to.deep.equal([...['any-table', 'users*']])
    })

    it('asks for what sees materialized views refreshed', async () => {
      await database.run('CREATE MATERIALIZED VIEW user_count AS SELECT count(*) FROM users')
      expect((await source.mistakes()).map(({ problem }) => problem)).to.deep.equal([
        'nobody hears when materialized views are refreshed: user_count',
      ])
      await database.run(OUTBOX_DDL_SQL)
      expect(await source.mistakes()).to.deep.equal([])
      await readAll(stream, source)
      expect(await heardOf('REFRESH MATERIALIZED VIEW user_count')).to.deep.equal(
        ['any-table', 'all-tables'].sort(),
      )
      await database.run(
        `DROP MATERIALIZED VIEW user_count; DROP FUNCTION express_cacheable.note_ddl CASCADE`,
      )
    })

    it('tells nothing of what is rolled back, also in part', async () => {
      await database.run(`
        BEGIN; INSERT INTO users VALUES (1); SAVEPOINT s; INSERT INTO users VALUES (2); ROLLBACK TO s; COMMIT;`)
      await database.run('BEGIN; INSERT INTO users VALUES (3); ROLLBACK;')
      const heard = await readAll(stream, source)
      expect(heard).to.deep.equal(['any-table', 'users#1', 'users[]', 'users[email=(null)]'])
    })

    it('hears of what a replica would not: triggers fire always, and for roles that may do nothing else', async () => {
      await database.run(`CREATE ROLE writer_${group}; GRANT INSERT ON users TO writer_${group}`)
      try {
        await database.run(`SET ROLE writer_${group}; INSERT INTO users VALUES (1); RESET ROLE`)
        await database.run(
          `SET session_replication_role = replica; INSERT INTO users VALUES (2); RESET session_replication_role`,
        )
        expect(await readAll(stream, source)).to.include.members(['users#1', 'users#2'])
      } finally {
        await database.run(`DROP OWNED BY writer_${group}; DROP ROLE writer_${group}`)
      }
    })

    it('lets nobody be kept from writing by a column that is gone', async () => {
      await database.run('CREATE TABLE short_lived (id int PRIMARY KEY, code text UNIQUE)')
      await database.applyTriggers()
      await database.run('ALTER TABLE short_lived RENAME code TO name')
      expect(await heardOf('INSERT INTO short_lived VALUES (1)')).to.deep.equal(['any-table', 'short_lived*'])
      expect((await source.mistakes()).map(({ problem }) => problem)).to.deep.equal([
        'short_lived has no triggers as they have to be now',
      ])
      await database.applyTriggers()
      expect(await source.mistakes()).to.deep.equal([])
      await database.run('DROP TABLE short_lived')
    })
  })

  describe('as a log', () => {
    it('has passed a position only with all that was committed before it', async () => {
      stream = await open()
      const slow = await database.connect()
      await slow.query('BEGIN; INSERT INTO users VALUES (101)')
      expect(await heardOf('INSERT INTO users VALUES (102)'))
        .to.include('users#102')
        .and.not.include('users#101')
      await slow.query('COMMIT')
      expect(await readAll(stream, source)).to.include('users#101')
    })

    it('says that it has read up to a position only after it has looked at what was committed before it', async () => {
      stream = await open()
      await readAll(stream, source)
      const holding = await database.connect()
      await holding.query('BEGIN; ALTER SEQUENCE express_cacheable.tickets OWNER TO CURRENT_USER')
      const reading = stream.next()
      await until('the reader to wait for the sequence', async () => {
        const [row] = await database.run(`
          SELECT count(*)::int AS waiting FROM pg_locks WHERE NOT granted AND relation = 'express_cacheable.tickets'::regclass`)
        return row?.waiting === 1
      })
      await database.run('INSERT INTO users VALUES (111)')
      const { rows } = await holding.query(`SELECT nextval('express_cacheable.tickets')::text AS position`)
      await holding.query('COMMIT')
      const { written, position } = await reading
      expect(source.isWithin(rows[0].position, position)).to.equal(true)
      expect(written.list()).to.include('users#111')
    })

    it('tells others how far it is, once whoever follows has said so', async () => {
      const other = database.source()
      stream = await open()
      expect(await other.acknowledged(group)).to.equal(null)
      const position = await other.position()
      const batch = await stream.next()
      expect(source.isWithin(position, batch.position)).to.equal(true)
      await stream.acknowledge(batch.position)
      expect(await other.acknowledged(group)).to.equal(batch.position)
    })

    it('reads more than one piece before it says where it is', async () => {
      stream = await open()
      await database.run(
        `DO $$ BEGIN FOR n IN 1000..1249 LOOP INSERT INTO animals VALUES (n); END LOOP; END $$`,
      )
      const heard = await readAll(stream, source)
      expect(heard).to.include('animals#1000').and.include('animals#1249')
    })

    it('gives each of two groups every change, and keeps none', async () => {
      stream = await open()
      const otherSource = database.source()
      const other = await database.open(otherSource, randomBytes(8).toString('hex'))
      if (!other) throw new Error('another one follows')
      await database.run('INSERT INTO animals VALUES (1)')
      expect(await readAll(stream, source)).to.include('animals#1')
      await database.run('INSERT INTO animals VALUES (2)')
      expect(await readAll(other, otherSource)).to.include.members(['animals#1', 'animals#2'])
      expect(await readAll(stream, source))
        .to.include('animals#2')
        .and.not.include('animals#1')
      await nothingKept()
    })

    it('is not woken up by each of many who write, which would have to wait for each other', async () => {
      stream = await open()
      const listening = await database.connect()
      let notifications = 0
      listening.on('notification', () => {
        notifications += 1
      })
      await listening.query('LISTEN express_cacheable')
      await database.run(
        `DO $$ BEGIN FOR n IN 2000..2049 LOOP INSERT INTO animals VALUES (n); END LOOP; END $$`,
      )
      expect((await stream.next()).written.list()).to.include('animals#2049')
      await untilBusy(true)
      await listening.query('SELECT')
      notifications = 0
      await database.run('INSERT INTO animals VALUES (2050)')
      expect((await stream.next()).written.list()).to.include('animals#2050')
      await listening.query('SELECT')
      expect(notifications).to.equal(0)
      await untilBusy(false)
      await database.run('INSERT INTO animals VALUES (2051)')
      expect((await stream.next()).written.list()).to.include('animals#2051')
      await listening.query('SELECT')
      expect(notifications).to.equal(1)
    })

    async function untilBusy(isBusy: boolean): Promise<void> {
      await until(`is_busy to be ${isBusy}`, async () => {
        const [row] = await database.run(
          `SELECT is_busy FROM express_cacheable.followers WHERE name = '${group}'`,
        )
        return row?.is_busy === isBusy
      })
    }

    it('keeps nothing for a group that is gone', async () => {
      stream = await open()
      const otherSource = database.source()
      const other = await database.open(otherSource, randomBytes(8).toString('hex'))
      await database.run('INSERT INTO animals VALUES (5)')
      expect(await readAll(stream, source)).to.include('animals#5')
      const [row] = await database.run('SELECT count(*)::int AS changes FROM express_cacheable.changes')
      expect(row?.changes).to.equal(1)
      await other?.close()
      await nothingKept()
    })

    it('keeps nothing while nobody follows', async () => {
      await closeGate()
      await database.run('INSERT INTO animals VALUES (3)')
      await nothingKept()
    })

    /** As if nobody had followed for a while. */
    async function closeGate(): Promise<void> {
      await database.run(`SELECT setval('express_cacheable.gate', 0)`)
    }

    async function nothingKept(): Promise<void> {
      await until('the outbox to be empty', async () => {
        const [row] = await database.run('SELECT count(*)::int AS changes FROM express_cacheable.changes')
        return row?.changes === 0
      })
    }

    it('begins only after those who wrote while nobody followed', async () => {
      await closeGate()
      const early = await database.connect()
      await early.query('BEGIN ISOLATION LEVEL REPEATABLE READ; INSERT INTO animals VALUES (11)')
      const opening = open()
      await until('it to be about to follow', () => source.isOpen(group))
      expect(await writesInOldSnapshot(early)).to.equal('noted')
      expect(await Promise.race([opening, askedAgain()])).to.equal('it still asks')
      await early.query('COMMIT')
      stream = await opening
      expect(await readAll(stream, source)).to.include('animals#12')
    })

    /** Resolves once whoever is about to follow has asked several times whether it may. */
    async function askedAgain(): Promise<string> {
      const seen = new Set<unknown>()
      await until('it to ask', async () => {
        const rows = await database.run(`
          SELECT query_start::text FROM pg_stat_activity a JOIN express_cacheable.followers f ON f.backend = a.pid
          WHERE f.name = '${group}' AND a.query LIKE '%pg_try_advisory_xact_lock%'`)
        for (const row of rows) seen.add(row.query_start)
        return seen.size > 2
      })
      return 'it still asks'
    }

    /** Its transaction sees of all tables what there was when it began. */
    async function writesInOldSnapshot(client: pg.Client): Promise<string> {
      await client.query('INSERT INTO animals VALUES (12)')
      const { rows } = await client.query('SELECT FROM express_cacheable.changes')
      return rows.length > 0 ? 'noted' : 'not noted'
    }
  })

  describe('among processes', () => {
    it('is read by one at a time, and by another at once when that one ends or dies', async () => {
      stream = await open()
      const other = database.source()
      expect(await database.open(other, group)).to.equal(null)
      await stream.close()
      const next = await database.open(other, group)
      expect(next).not.to.equal(null)
      await database.run(`
        SELECT pg_terminate_backend(f.backend) FROM express_cacheable.followers f WHERE f.name = '${group}'`)
      await rejected(next?.next())
      expect(await other.isOpen(group)).to.equal(false)
      expect(await open()).not.to.equal(null)
    })

    it('is taken from one that no longer says that it is there, and that one hears of it', async () => {
      stream = await open()
      await stream.acknowledge(stream.beginsAt)
      await lapse()
      const next = await database.open(database.source(), group)
      expect(next).not.to.equal(null)
      expect(await rejected(stream.next())).to.include('not heard of for too long')
      expect(await rejected(stream.acknowledge('1'))).to.include('not heard of for too long')
      expect(await source.acknowledged(group)).to.equal(null)
    })

    it('goes on with nobody who was not heard of for a while: nothing was written for it meanwhile', async () => {
      stream = await open()
      await lapse()
      expect(await rejected(stream.acknowledge(stream.beginsAt))).to.include('not heard of for too long')
      expect(await rejected(stream.next())).to.include('not heard of for too long')
    })

    async function lapse(): Promise<void> {
      await database.run(`UPDATE express_cacheable.followers SET held_until = now() WHERE name = '${group}'`)
    }
  })
})

async function rejected(promise: Promise<unknown> | undefined): Promise<string> {
  return (
    promise?.then(
      () => 'resolved',
      (error: Error) => error.message,
    ) ?? 'nothing'
  )
}
