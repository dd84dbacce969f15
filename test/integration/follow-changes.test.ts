import { expect } from 'chai'
import pg from 'pg'
import { partsOf } from '#src/cache-parts.js'
import { type FollowedShop, openShop, SHOP, SHOP_ROWS } from '../support/followed-shop.js'
import { ownPostgresForTests } from '../support/postgres.js'
import type { PostgresServer } from '../support/postgres-server.js'

const WITHIN_MS = 10_000

describe('a cache that follows a PostgreSQL', function () {
  this.timeout(60_000)
  let server: PostgresServer
  let admin: pg.Client
  let shop: FollowedShop

  before(async function () {
    server = await ownPostgresForTests(this, ['synchronous_commit=on'])
    admin = new pg.Client(server.url)
    await admin.connect()
    await admin.query(SHOP)
    shop = await openShop(server.url)
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

  /** Waits until all that has been committed so far is evicted. */
  async function passed(): Promise<void> {
    const [database] = partsOf(shop.cache).followed.list()
    const position = await database?.position(WITHIN_MS)
    expect(await database?.passed(String(position), WITHIN_MS)).to.equal(true)
  }

  it('evicts what was made from a row that another program changes', async () => {
    await shop.warm('/customers/1', '/customers/2')
    await admin.query(`UPDATE customers SET name = 'Eve' WHERE id = 1`)
    await passed()
    expect(await shop.ask('/customers/1')).to.equal(
      'MISS [{"id":1,"name":"Eve","industry":"steel","notes":null}]',
    )
    expect(await shop.ask('/customers/2')).to.match(/^HIT/)
  })
})
