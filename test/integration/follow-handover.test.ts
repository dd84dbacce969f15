import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { createCache } from 'express-cacheable'
import { followDatabase } from 'express-cacheable/postgres'
import pg from 'pg'
import { partsOf } from '#src/cache-parts.js'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { type FollowedShop, openShop, passed, SHOP, SHOP_ROWS } from '../support/followed-shop.js'
import { isAlive } from '../support/is-alive.js'
import { ownPostgresForTests } from '../support/postgres.js'
import type { PostgresServer } from '../support/postgres-server.js'
import { recordingLogger } from '../support/recording-logger.js'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { adminClient } from '../support/redis-admin.js'
import { until } from '../support/until.js'

const APP = fileURLToPath(new URL('follow-app.js', import.meta.url))
const ALL = ['/customers/1', '/industries/steel', '/orders/1', '/count']

describe('processes that follow a PostgreSQL for one Redis', function () {
  this.timeout(60_000)
  let server: PostgresServer
  let redis: RedisServer
  let admin: pg.Client
  let keyPrefix: string
  const children: TestProcess[] = []
  const shops: FollowedShop[] = []

  before(async function () {
    // Who sets `synchronous_commit = on` waits for a standby that never comes. A setting of the server from its start: one
    // that is loaded later is known to sessions before it is known to the process that lets commits wait.
    server = await ownPostgresForTests(this, ['synchronous_commit=local', 'synchronous_standby_names=nobody'])
    redis = await ownRedisForTests(this)
    admin = await connect()
    await admin.query(SHOP)
  })
  beforeEach(async () => {
    keyPrefix = `follow-${randomUUID()}:`
    await admin.query(SHOP_ROWS)
  })
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode() === undefined) process.kill(child.pid, 'SIGKILL')
      await child.stop()
    }
    for (const shop of shops.splice(0)) await shop.close()
    await until('all slots to be gone', async () => (await slots()).length === 0)
  })
  after(async () => {
    await admin?.end()
    await redis?.stop()
    await server?.stop()
  })

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client(server.url)
    client.on('error', () => {})
    await client.connect()
    return client
  }

  async function slots() {
    return (await admin.query('SELECT slot_name, temporary, active_pid FROM pg_replication_slots')).rows
  }

  async function startFollower(): Promise<TestProcess> {
    const child = await startProcess(process.execPath, [APP, redis.url, keyPrefix, server.url])
    children.push(child)
    await until('it to follow', () => child.output().includes('following'))
    return child
  }

  async function open(): Promise<FollowedShop> {
    const shop = await openShop(server.url, { cache: { redis: redis.url, keyPrefix, deadlineMs: 5_000 } })
    shops.push(shop)
    return shop
  }

  async function takesOver(shop: FollowedShop): Promise<void> {
    await until('it to follow', () => shop.follower.status().role === 'following')
  }

  const renamed = (name: string) => admin.query(`UPDATE customers SET name = '${name}' WHERE id = 1`)

  it('are one that follows with one slot, and others that know how far it is and take over when it is killed', async () => {
    const child = await startFollower()
    const shop = await open()
    const other = await open()
    expect([shop, other].map(({ follower }) => follower.status().role)).to.deep.equal([
      'standing by',
      'standing by',
    ])
    expect(await slots()).to.have.lengthOf(1)
    await shop.warm(...ALL)
    await renamed('Eve')
    await passed(shop.cache)
    expect(await shop.ask('/customers/1')).to.match(/^MISS.*Eve/)
    process.kill(child.pid, 'SIGKILL')
    await renamed('Fay')
    await until('one to take over', () =>
      shops.some(({ follower }) => follower.status().role === 'following'),
    )
    await passed(shop.cache)
    expect(await shop.ask('/customers/1')).to.match(/Fay/)
    expect(await slots()).to.have.lengthOf(1)
  })

  it('take over from one that is frozen', async () => {
    const child = await startFollower()
    const shop = await open()
    await shop.warm(...ALL)
    process.kill(child.pid, 'SIGSTOP')
    await renamed('Eve')
    await takesOver(shop)
    await passed(shop.cache)
    expect(await shop.ask('/customers/1')).to.match(/^MISS.*Eve/)
    // It finds that it has been replaced, and stands by.
    process.kill(child.pid, 'SIGCONT')
    await renamed('Fay')
    await passed(shop.cache)
    expect(await shop.ask('/customers/1')).to.match(/^MISS.*Fay/)
    expect(await slots()).to.have.lengthOf(1)
  })

  it('begin anew, with nothing of before, when the slot is dropped and when PostgreSQL has crashed', async () => {
    const shop = await open()
    await shop.warm(...ALL)
    const [slot] = await slots()
    await admin.query(`BEGIN; SELECT pg_terminate_backend(${slot.active_pid})`)
    await renamed('Eve')
    await admin.query('COMMIT')
    await until('another slot', async () =>
      (await slots()).some(({ active_pid }) => active_pid !== slot.active_pid),
    )
    await passed(shop.cache)
    for (const path of ALL) expect(await shop.ask(path), path).to.match(/^MISS/)
    await shop.warm(...ALL)
    // Its postmaster ends all others then, and starts anew; until it has noticed, it lets people in whom it will end, too.
    const { rows } = await admin.query('SELECT pg_backend_pid() AS pid')
    const [another] = await slots()
    process.kill(rows[0].pid, 'SIGKILL')
    await until('the others to end', () => !isAlive(another.active_pid))
    await until('PostgreSQL to be back', async () => {
      try {
        admin = await connect()
        return true
      } catch {
        return false
      }
    })
    await renamed('Fay')
    await takesOver(shop)
    await passed(shop.cache)
    for (const path of ALL) expect(await shop.ask(path), path).to.match(/^MISS/)
    expect(await shop.ask('/customers/1')).to.match(/Fay/)
    expect(shop.logger.at('warn').filter((line) => line.includes('not followed'))).to.have.lengthOf(1)
  })

  it('have one that follows after Redis has lost everything, and they call themselves by another name', async () => {
    const shop = await open()
    const [slot] = await slots()
    const client = adminClient(Number(new URL(redis.url).port))
    await client.flushall()
    await client.set(`${keyPrefix}#name`, 'fedcba9876543210', 'PX', 60_000)
    client.disconnect()
    await until('another slot', async () =>
      (await slots()).some(({ slot_name }) => slot_name !== slot.slot_name),
    )
    await takesOver(shop)
    await shop.warm(...ALL)
    await renamed('Eve')
    await passed(shop.cache)
    expect(await shop.ask('/customers/1')).to.match(/^MISS.*Eve/)
  })

  it('begin once transactions that were open are over, and end in time where they are not', async () => {
    const writer = await connect()
    await writer.query(`BEGIN; UPDATE customers SET name = 'Eve' WHERE id = 1`)
    const opening = open()
    await until('a slot to be made', async () => (await slots()).length === 1)
    const shop = await opening
    expect(shop.follower.status().role).to.equal('not connected')
    expect(shop.logger.at('warn').at(-1)).to.match(/not followed yet/)
    await shop.warm(...ALL)
    await writer.query('COMMIT')
    await takesOver(shop)
    await passed(shop.cache)
    expect(await shop.ask('/customers/1')).to.match(/^MISS.*Eve/)
    await shop.follower.close()
    await until('its slot to be gone', async () => (await slots()).length === 0)
    await writer.query(`BEGIN; UPDATE customers SET name = 'Fay' WHERE id = 1`)
    const cache = createCache({ logger: recordingLogger() })
    const following = followDatabase(cache, { connectionString: server.url })
    await until('a slot to be made', async () => (await slots()).length === 1)
    await cache.close()
    expect((await following).status().role).to.equal('not connected')
    await writer.query('ROLLBACK')
    await writer.end()
  })

  it('evict what is committed once others see it, and not before', async () => {
    const shop = await open()
    const writer = await connect()
    await shop.warm(...ALL)
    await writer.query('SET synchronous_commit = on')
    const writing = writer.query(`UPDATE customers SET name = 'Eve' WHERE id = 1`)
    const waiting = async () =>
      (await admin.query(`SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'`)).rows
    await until('the commit to wait', async () => (await waiting()).length > 0)
    // What others commit is evicted meanwhile.
    await admin.query(`UPDATE customers SET name = 'Dan' WHERE id = 2`)
    await until('what is visible to go', async () => (await shop.ask('/count')).startsWith('MISS'))
    expect(await shop.ask('/customers/1')).to.match(/^HIT.*Ada/)
    const [database] = partsOf(shop.cache).followed.list()
    const position = String(await database?.position(5_000))
    expect(await database?.passed(position, 50)).to.equal(false)
    for (const { pid } of await waiting()) await admin.query('SELECT pg_cancel_backend($1)', [pid])
    await writing
    await writer.end()
    await passed(shop.cache)
    expect(await shop.ask('/customers/1')).to.match(/^MISS.*Eve/)
  })
})
