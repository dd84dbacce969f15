import { expect } from 'chai'
import { type CacheError, createCache } from 'express-cacheable'
import { type FollowOptions, followDatabase } from 'express-cacheable/postgres'
import pg from 'pg'
import { postgresForTests } from '../support/postgres.js'
import { recordingLogger } from '../support/recording-logger.js'

describe('what has to be set up to follow a PostgreSQL', function () {
  this.timeout(30_000)
  let url: string
  let admin: pg.Client

  before(async function () {
    url = await postgresForTests(this)
    admin = new pg.Client(url)
    await admin.connect()
  })
  after(() => admin?.end())

  async function refusal(options: Partial<FollowOptions> = {}): Promise<string> {
    const cache = createCache({ logger: recordingLogger() })
    try {
      const follower = await followDatabase(cache, { connectionString: url, ...options })
      await follower.close()
      return 'none'
    } catch (error) {
      return (error as CacheError).message
    } finally {
      await cache.close()
    }
  }

  it('is said at once, all of it, with what to type', async () => {
    await admin.query(`
      CREATE TABLE customers (id int PRIMARY KEY);
      CREATE TABLE visits (at timestamptz);
      CREATE TABLE "Odd One" (id int PRIMARY KEY);
      CREATE UNLOGGED TABLE scratch (id int PRIMARY KEY);
      DROP ROLE IF EXISTS follower_without_rights;
      CREATE ROLE follower_without_rights LOGIN`)
    const stranger = new URL(url)
    stranger.username = 'follower_without_rights'
    expect(await refusal({ connectionString: stranger.href, publication: 'Mine' })).to.equal(
      '[E_CACHE_OPTION] followDatabase(): (1) the role follower_without_rights may not read the log; ' +
        '(2) without a primary key, PostgreSQL would refuse to update or delete rows of visits once they are published; (3) there is no publication Mine. ' +
        '(1) As a superuser run ALTER ROLE follower_without_rights REPLICATION; (2) Run ALTER TABLE public.visits REPLICA IDENTITY FULL; ' +
        '(3) As a superuser run CREATE PUBLICATION "Mine" FOR ALL TABLES;',
    )
    await admin.query(
      `CREATE PUBLICATION express_cacheable FOR TABLE customers, visits WITH (publish = 'insert, update')`,
    )
    expect(await refusal()).to.equal(
      '[E_CACHE_OPTION] followDatabase(): (1) the publication express_cacheable lacks delete, truncate; ' +
        '(2) no log is kept of scratch; (3) the publication express_cacheable lacks the tables Odd One; ' +
        '(4) PostgreSQL refuses to update or delete rows of visits, which are published without a primary key. ' +
        `(1) Run ALTER PUBLICATION express_cacheable SET (publish = 'insert, update, delete, truncate'); ` +
        '(2) Run ALTER TABLE public.scratch SET LOGGED; Or name them in followDatabase(cache, { ignore }), if no answer is made from them. ' +
        '(3) Run ALTER PUBLICATION express_cacheable ADD TABLE public."Odd One"; Or name them in followDatabase(cache, { ignore }), if no answer is made from them. ' +
        '(4) Run ALTER TABLE public.visits REPLICA IDENTITY FULL;',
    )
    await admin.query(`
      ALTER PUBLICATION express_cacheable SET (publish = 'insert, update, delete, truncate');
      ALTER TABLE visits REPLICA IDENTITY FULL`)
    expect(await refusal({ ignore: ['scratch', 'Odd One'] })).to.equal('none')
  })

  it('is said of a database that is not there, and of options that are none', async () => {
    const other = new URL(url)
    other.pathname = 'nowhere'
    for (const from of ['log', 'outbox'] as const) {
      expect(await refusal({ connectionString: other.href, from })).to.match(
        /lets nobody in .* "nowhere" does not exist/,
      )
    }
    expect(await refusal({ connectionString: 'mysql://localhost/crm' })).to.match(/postgresql:\/\/user/)
    expect(await refusal({ from: 'wal' as never })).to.match(/Give 'log' or 'outbox'/)
  })

  it('is not said while the database cannot be reached: it is tried again', async () => {
    const logger = recordingLogger()
    const cache = createCache({ logger })
    const follower = await followDatabase(cache, { connectionString: 'postgresql://127.0.0.1:1/crm' })
    expect(follower.status().role).to.equal('not connected')
    expect(follower.status().trouble).to.be.an('error')
    await cache.close()
    expect(logger.lines.filter(({ level }) => level === 'warn')).to.have.lengthOf(1)
  })

  it('has no place beside a check of what was forgotten', async () => {
    const cache = createCache({ logger: recordingLogger(), dependencies: 'check' })
    const error: CacheError = await followDatabase(cache, { connectionString: url }).catch((thrown) => thrown)
    expect(error.message).to.match(/follower would leave nothing/)
    await cache.close()
  })
})
