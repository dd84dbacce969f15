import { expect } from 'chai'
import { partsOf } from '#src/cache-parts.js'
import { type FollowedShop, openShop, SHOP, SHOP_ROWS } from '../support/followed-shop.js'
import { OutboxDatabase } from '../support/outbox-database.js'

const WITHIN_MS = 10_000

describe('a cache that follows the outbox of a PostgreSQL', () => {
  let database: OutboxDatabase
  let shop: FollowedShop

  before(async function () {
    database = await OutboxDatabase.make(this, SHOP)
    shop = await openShop(database.url, { follow: { from: 'outbox' } })
  })
  beforeEach(async () => {
    await database.run(SHOP_ROWS)
    await passed()
  })
  after(async () => {
    await shop?.close()
    await database?.close()
  })

  /** Waits until all that has been committed so far is evicted. */
  async function passed(): Promise<void> {
    const [followed] = partsOf(shop.cache).followed.list()
    const position = await followed?.position(WITHIN_MS)
    expect(await followed?.passed(String(position), WITHIN_MS)).to.equal(true)
  }

  it('evicts what was made from rows that another program changes, and nothing else', async () => {
    await shop.warm('/customers/1', '/customers/2', '/industries/food', '/orders/2', '/count')
    await database.run(`UPDATE customers SET industry = 'food' WHERE id = 1`)
    await passed()
    expect(await shop.ask('/customers/2')).to.match(/^HIT/)
    expect(await shop.ask('/orders/2')).to.match(/^HIT/)
    expect(await shop.ask('/customers/1')).to.match(/^MISS .*"industry":"food"/)
    expect(await shop.ask('/industries/food')).to.equal('MISS [{"id":1,"name":"Ada"},{"id":3,"name":"Cy"}]')
  })

  it('sees a migration by itself, and asks for triggers on new tables when it begins', async () => {
    await shop.warm('/customers/1')
    await database.run('CREATE TABLE late (id int PRIMARY KEY)')
    await database.run('ALTER TABLE customers ADD COLUMN is_new boolean DEFAULT true')
    await shop.warm('/count')
    expect(await untilMiss('/customers/1')).to.include('"is_new":true')
    const error = await openShop(database.url, { follow: { from: 'outbox' } }).catch((reason) => reason)
    expect(error).to.include({ code: 'E_CACHE_OPTION' })
    expect(error.message).to.include('late has no triggers as they have to be now')
    expect(error.mend).to.include('npx express-cacheable postgres triggers --apply')
    await database.run('DROP TABLE late; ALTER TABLE customers DROP COLUMN is_new')
  })

  async function untilMiss(path: string): Promise<string> {
    for (;;) {
      const answer = await shop.ask(path)
      if (answer.startsWith('MISS')) return answer
    }
  }
})
