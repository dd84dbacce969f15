import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect } from 'chai'
import pg from 'pg'
import { partsOf } from '#src/cache-parts.js'
import { DDL_TRIGGER_SQL } from '#src/postgres/log/ddl-trigger.js'
import { OUTBOX_SQL } from '#src/postgres/outbox/outbox-sql.js'
import { type FollowedShop, openShop, passed as passedBy, SHOP, SHOP_ROWS } from '../support/followed-shop.js'
import { ownPostgresForTests } from '../support/postgres.js'
import type { PostgresServer } from '../support/postgres-server.js'
import { until } from '../support/until.js'

describe('a cache that follows a PostgreSQL', function () {
  this.timeout(60_000)
  let server: PostgresServer
  let admin: pg.Client
  let shop: FollowedShop
  let changesOfSchema = 0

  before(async function () {
    server = await ownPostgresForTests(this, ['synchronous_commit=on'])
    admin = new pg.Client(server.url)
    await admin.connect()
    await admin.query(SHOP)
    shop = await openShop(server.url)
    partsOf(shop.cache).followed.onSchemaChanged(() => {
      changesOfSchema += 1
    })
  })
  beforeEach(async () => {
    await admin.query(SHOP_ROWS)
    await passed()
  })
  after(async () => {
    await shop?.close()
    await admin?.end()
    await server?.stop()
  })

  const passed = () => passedBy(shop.cache)

  /** Runs statements that change the catalogue, and waits until that has been seen. */
  async function migrate(sql: string): Promise<void> {
    const before = changesOfSchema
    await admin.query(sql)
    await seenAfter(before)
  }

  async function seenAfter(before: number): Promise<void> {
    await until('a migration to be seen', () => changesOfSchema > before)
    // One that comes after the eviction that a migration brings about.
    for (const database of partsOf(shop.cache).followed.list()) await database.evictAll()
    await passed()
  }

  /** Which of these paths are answered anew. */
  async function missed(...paths: string[]): Promise<string[]> {
    const answers = await Promise.all(paths.map(async (path) => [path, await shop.ask(path)] as const))
    return answers.filter(([, answer]) => answer.startsWith('MISS')).map(([path]) => path)
  }

  const CUSTOMERS = ['/customers/1', '/customers/2', '/customers/3']
  const INDUSTRIES = ['/industries/steel', '/industries/food', '/industries/wood']
  const ORDERS = ['/orders/1', '/orders/2']
  const ALL = [...CUSTOMERS, ...INDUSTRIES, ...ORDERS, '/count']

  it('evicts what was made from a row that a person changes with psql, and nothing else', async () => {
    await shop.warm(...ALL)
    await promisify(execFile)('psql', [server.url, '-c', `UPDATE customers SET name = 'Eve' WHERE id = 1`])
    await passed()
    // It may have been in any industry before.
    expect(await missed(...ALL)).to.deep.equal(['/customers/1', ...INDUSTRIES, '/count'])
    expect(await shop.ask('/customers/1')).to.equal(
      'HIT [{"id":1,"name":"Eve","industry":"steel","notes":null}]',
    )
  })

  it('evicts the group that a row leaves and the one that it enters, and with REPLICA IDENTITY FULL no other', async () => {
    await admin.query('ALTER TABLE customers REPLICA IDENTITY FULL')
    await admin.query(`UPDATE customers SET notes = '' WHERE id = 3`)
    await passed()
    await shop.warm(...ALL)
    await admin.query(`UPDATE customers SET industry = 'wood' WHERE id = 3`)
    await passed()
    expect(await missed(...ALL)).to.deep.equal([
      '/customers/3',
      '/industries/food',
      '/industries/wood',
      '/count',
    ])
    await admin.query('DELETE FROM customers WHERE id = 3')
    await passed()
    expect(await missed(...ALL)).to.deep.equal(['/customers/3', '/industries/wood', '/count'])
    await admin.query('ALTER TABLE customers REPLICA IDENTITY DEFAULT')
    await admin.query(`UPDATE customers SET notes = ''; DELETE FROM orders`)
    await passed()
    await shop.warm(...ALL)
    await admin.query('DELETE FROM customers WHERE id = 2')
    await passed()
    expect(await missed(...ALL)).to.deep.equal(['/customers/2', ...INDUSTRIES, '/count'])
  })

  it('knows a value that is stored elsewhere and has not changed', async () => {
    const long = `(SELECT string_agg(md5(n::text), '') FROM generate_series(1, 80) AS n)`
    await migrate('ALTER TABLE customers REPLICA IDENTITY FULL, ALTER industry SET STORAGE EXTERNAL')
    await admin.query(`UPDATE customers SET industry = ${long} WHERE id = 3`)
    await passed()
    await shop.warm(...ALL)
    await admin.query(`UPDATE customers SET name = 'Di' WHERE id = 3`)
    await passed()
    expect(await missed(...ALL)).to.deep.equal(['/customers/3', '/count'])
    await admin.query('ALTER TABLE customers REPLICA IDENTITY DEFAULT')
  })

  it('evicts what rows of a partition are in', async () => {
    await shop.warm(...ALL)
    await admin.query(`INSERT INTO orders VALUES (3, 1, '2026-02-01')`)
    await passed()
    expect(await missed(...ALL)).to.deep.equal(['/orders/1'])
    await admin.query(`UPDATE orders_2026 SET day = '2026-03-01' WHERE id = 3`)
    await passed()
    expect(await missed(...ALL)).to.deep.equal(ORDERS)
  })

  it('evicts what a trigger writes', async () => {
    await migrate(`
      CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN UPDATE customers SET name = 'had an order' WHERE id = NEW.customer_id; RETURN NEW; END $$;
      CREATE TRIGGER rename AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION rename()`)
    await shop.warm(...ALL)
    await admin.query(`INSERT INTO orders VALUES (3, 1, '2026-02-01')`)
    await passed()
    expect(await missed(...CUSTOMERS, ...ORDERS)).to.deep.equal(['/customers/1', '/orders/1'])
    await migrate('DROP TRIGGER rename ON orders; DROP FUNCTION rename')
  })

  it('evicts all that was made from a table that is truncated, and nothing for what is rolled back', async () => {
    await shop.warm(...ALL)
    await admin.query(`BEGIN; UPDATE customers SET name = 'nobody'; TRUNCATE orders; ROLLBACK`)
    await passed()
    expect(await missed(...ALL)).to.deep.equal([])
    await admin.query('TRUNCATE orders')
    await passed()
    expect(await missed(...ALL)).to.deep.equal(ORDERS)
  })

  it('takes no notice of the tables of an outbox, which a publication of all tables has in it', async () => {
    await admin.query(OUTBOX_SQL)
    await shop.warm(...ALL)
    await admin.query(`INSERT INTO express_cacheable.changes (kind) VALUES ('ddl')`)
    await passed()
    expect(await missed(...ALL)).to.deep.equal([])
    await admin.query('DROP SCHEMA express_cacheable CASCADE')
  })

  it('evicts in time what 100,000 rows change, and keeps none of them', async () => {
    await admin.query(
      `INSERT INTO customers SELECT n, 'c', 'i' || n % 1000 FROM generate_series(10, 100000) AS n`,
    )
    await passed()
    await shop.warm(...ALL)
    await admin.query(`UPDATE customers SET name = 'all of them'`)
    const committedAt = performance.now()
    await passed()
    expect(performance.now() - committedAt).to.be.below(5_000)
    expect(await missed(...ALL)).to.deep.equal([...CUSTOMERS, ...INDUSTRIES, '/count'])
  })

  it('shows a column that a migration adds with its commit, where an event trigger tells of it', async () => {
    await admin.query(DDL_TRIGGER_SQL)
    await shop.warm(...ALL)
    await admin.query(`ALTER TABLE customers ADD COLUMN country text DEFAULT 'JP'`)
    await passed()
    expect(await missed(...ALL)).to.deep.equal(ALL)
    await admin.query('ALTER TABLE customers DROP COLUMN country')
    await passed()
    await admin.query('DROP SCHEMA express_cacheable CASCADE')
  })

  it('evicts by the groups that readers know who have not heard of a migration yet, and by new ones', async () => {
    await shop.warm(...ALL)
    const before = changesOfSchema
    await admin.query('DROP INDEX customers_industry_idx; CREATE INDEX ON customers (name)')
    await admin.query(`UPDATE customers SET name = 'Eve' WHERE id = 1`)
    await passed()
    expect(await missed(...ALL)).to.include.members(['/customers/1', ...INDUSTRIES, '/count'])
    await seenAfter(before)
    await shop.warm(...ALL)
    await admin.query(`UPDATE customers SET industry = 'wood' WHERE id = 1`)
    await passed()
    expect(await missed(...ALL)).to.deep.equal(['/customers/1', ...INDUSTRIES, '/count'])
    await migrate('DROP INDEX customers_name_idx; CREATE INDEX ON customers (industry)')
  })

  it('shows a column that a migration adds, and the rows of a table that it makes', async () => {
    await shop.warm(...ALL)
    await admin.query(`ALTER TABLE customers ADD COLUMN country text DEFAULT 'JP'`)
    await until('the column', async () => (await shop.ask('/customers/1')).includes('"country":"JP"'))
    await migrate('ALTER TABLE customers DROP COLUMN country')
  })
})
