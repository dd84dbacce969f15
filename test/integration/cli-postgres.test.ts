import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import pg from 'pg'
import { postgresForTests } from '../support/postgres.js'
import { callCli, runCli } from '../support/run-cli.js'

describe('express-cacheable postgres', () => {
  const suffix = randomBytes(4).toString('hex')
  const owner = `owner_${suffix}`
  const follower = `follower_${suffix}`
  let url: string
  let admin: pg.Client

  before(async function () {
    url = await postgresForTests(this)
    admin = new pg.Client(url)
    await admin.connect()
    await admin.query(`
      CREATE ROLE ${owner} LOGIN PASSWORD 's3cret'; CREATE ROLE ${follower} LOGIN PASSWORD 's3cret';
      GRANT CREATE ON DATABASE ${admin.database} TO ${owner}; GRANT CREATE ON SCHEMA public TO ${owner};
      SET ROLE ${owner};
      CREATE TABLE customers (id int PRIMARY KEY, email text UNIQUE, secret text);
      CREATE TABLE visits (at timestamptz);
      CREATE TABLE _migrations (id int PRIMARY KEY);
      RESET ROLE`)
  })
  after(async () => {
    await admin?.query(`DROP OWNED BY ${owner}, ${follower} CASCADE; DROP ROLE ${owner}, ${follower}`)
    await admin?.end()
  })

  const as = (role: string) => {
    const other = new URL(url)
    other.username = role
    other.password = 's3cret'
    return other.href
  }
  const call = (role: string, ...args: string[]) =>
    callCli(['postgres', ...args, '--database', as(role), '--ignore', '_migrations'])

  describe('triggers', () => {
    it('prints SQL that can be run, for the columns by which answers are found', async () => {
      const { code, stdout } = await call(owner, 'triggers')
      expect(code).to.equal(0)
      expect(stdout).to.include(`ON "public"."customers" REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION express_cacheable.note('email', 'id');`)
      expect(stdout).not.to.include('_migrations').and.not.include('s3cret')
      await admin.query(`BEGIN; ${stdout}; ROLLBACK`)
    })

    it('makes them as somebody who is no superuser, for a role that follows, and only what is missing', async () => {
      const before = await call(owner, 'check', '--from', 'outbox')
      expect(before).to.include({ code: 1 })
      expect(before.stdout).to.include('npx express-cacheable postgres triggers --apply')
      const made = await call(owner, 'triggers', '--apply')
      expect(made).to.include({ code: 0 })
      expect(made.stdout).to.match(
        /^2 tables with triggers, new: customers, visits \(.* on 127.0.0.1:\d+\)\.\n$/,
      )
      const stranger = await call(follower, 'check', '--from', 'outbox', '--json')
      expect(JSON.parse(stranger.stdout)).to.deep.include({ from: 'outbox', ready: false })
      expect(stranger.stdout).to.include(`triggers --apply --role ${follower}`)
      const again = await call(owner, 'triggers', '--apply', '--role', follower)
      expect(again.stdout).to.include('2 tables with triggers, all were there')
      const ready = await call(follower, 'check', '--from', 'outbox')
      expect(ready).to.include({ code: 0 })
      expect(ready.stdout).to.match(/can be followed from its outbox\.\n$/)
    })

    it('says which tables a migration has brought, and lets others be', async () => {
      await admin.query(`SET ROLE ${owner}; CREATE TABLE orders (id int PRIMARY KEY); RESET ROLE`)
      const { code, stdout } = await call(owner, 'check', '--from', 'outbox')
      expect(code).to.equal(1)
      expect(stdout).to.include('orders has no triggers').and.not.include('customers')
      // Nobody waits for what holds another table.
      await admin.query('BEGIN; LOCK TABLE customers IN ACCESS SHARE MODE')
      expect((await call(owner, 'triggers', '--apply')).stdout).to.include('new: orders')
      await admin.query('COMMIT')
    })

    it('tells of migrations at once where a superuser says so, and takes all of it away', async () => {
      const name = new URL(url).username
      expect(await call(name, 'triggers', '--apply', '--ddl')).to.include({ code: 0 })
      await admin.query(`SELECT setval('express_cacheable.gate', 99999999999)`)
      await admin.query(
        'CREATE TEMP TABLE mine (id serial PRIMARY KEY); DROP TABLE mine; COMMENT ON TABLE visits IS NULL',
      )
      expect((await admin.query('SELECT kind FROM express_cacheable.changes')).rows).to.deep.equal([])
      await admin.query('CREATE TABLE theirs (id int); DROP TABLE theirs')
      expect((await admin.query('SELECT DISTINCT kind FROM express_cacheable.changes')).rows).to.deep.equal([
        { kind: 'ddl' },
      ])
      const { stdout } = await call(owner, 'triggers', '--drop')
      expect(stdout).to.include('DROP TRIGGER IF EXISTS express_cacheable_insert ON "public"."orders";')
      expect(await call(name, 'triggers', '--drop', '--apply')).to.include({ code: 0 })
      expect((await admin.query(`SELECT FROM pg_trigger WHERE tgname LIKE 'express%'`)).rows).to.deep.equal(
        [],
      )
      expect(
        (await admin.query(`SELECT FROM pg_event_trigger WHERE evtname LIKE 'express%'`)).rows,
      ).to.deep.equal([])
      expect((await call(owner, 'check', '--from', 'outbox')).stdout).to.include('the database has no outbox')
    })
  })

  describe('setup', () => {
    it('prints what is left to run, until the check finds nothing', async () => {
      const before = await callCli(['postgres', 'setup', '--role', follower, '--database', url])
      expect(before.stdout).to.include(`ALTER ROLE "${follower}" REPLICATION;`)
      expect(before.stdout).to.include('ALTER TABLE public.visits REPLICA IDENTITY FULL;')
      expect(before.stdout).to.include('-- ALTER TABLE public.customers REPLICA IDENTITY FULL;')
      expect(await call(follower, 'check')).to.include({ code: 1 })
      await admin.query(before.stdout)
      expect((await call(follower, 'check')).stdout).to.match(/can be followed from its log\.\n$/)
      const after = await callCli(['postgres', 'setup', '--role', follower, '--database', url])
      expect(after).to.deep.include({ code: 0, stdout: '' })
      await admin.query(`
        DROP PUBLICATION express_cacheable;
        DROP EVENT TRIGGER express_cacheable_ddl; DROP EVENT TRIGGER express_cacheable_drop`)
    })
  })

  it('says what is wrong with how it was called, and never a password', async () => {
    const wrong = 'postgresql://me:s3cret@localhost:port/crm'
    const elsewhere = new URL(as('postgres'))
    elsewhere.pathname = '/nowhere'
    const refused = new URL(as('postgres'))
    refused.port = '1'
    for (const [args, text] of [
      [['postgres', 'setup', '--database', wrong], 'is no URL of a PostgreSQL'],
      [['postgres', 'setup', '--database', elsewhere.href], 'it has no database of that name'],
      [['postgres', 'setup', '--database', refused.href], 'nothing listens there'],
      [['postgres', 'look', '--database', url], `postgres does not know 'look'`],
      [['postgres', 'check', '--apply', '--database', url], 'postgres check has no option --apply'],
      [['postgres', 'check', '--from', 'wal', '--database', url], '--from wal is no way to follow'],
    ] as const) {
      const { code, stdout, stderr } = await callCli(args)
      expect({ code, stdout }, text).to.deep.equal({ code: 2, stdout: '' })
      expect(stderr).to.include(text).and.not.include('s3cret')
    }
    const { code, stderr } = await runCli(['postgres', 'check'], { env: { DATABASE_URL: '' } })
    expect({ code, stderr }).to.deep.equal({
      code: 2,
      stderr: `express-cacheable: no database is named.
  Add --database postgresql://localhost:5432/crm, or set DATABASE_URL.
`,
    })
  })
})
