import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { describeOnEachClient, type TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'

/** More than a posted eviction looks at. */
const MANY = 5_500

describeOnEachClient('RedisStore on a Redis that sleeps', (kind) => {
  let server: RedisServer
  const clients: TestedClient[] = []
  const stores: RedisStore[] = []

  beforeEach(async function () {
    server = await ownRedisForTests(this)
  })
  afterEach(async () => {
    await server.thaw()
    await Promise.all(stores.splice(0).map((store) => store.close()))
    for (const tested of clients.splice(0)) tested.end()
    await server.stop()
  })

  const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
  async function openStore(): Promise<RedisStore> {
    const tested = kind.open(server.url)
    clients.push(tested)
    const store = new RedisStore({ client: tested.client, keyPrefix, deadlineMs: 10_000, ownsClient: false })
    stores.push(store)
    await until('a connection', () => tested.isReady())
    await store.get('user:1')
    return store
  }

  const write = (store: RedisStore, key: string) => store.set(key, Buffer.from('old'), 60_000)

  it('evicts what was posted ahead of what another asks later', async () => {
    const [writer, reader] = [await openStore(), await openStore()]
    await Promise.all(['user:1', 'user:2'].map((key) => write(writer, key)))
    await server.freeze()
    await writer.post([{ kind: 'key', key: 'user:1' }])
    const found = Promise.all([reader.get('user:1'), reader.get('user:2')])
    await server.thaw()
    const [evicted, kept] = await found
    expect([evicted, kept?.value.toString()]).to.deep.equal([null, 'old'])
  })

  it('evicts everything where so many are posted that one after the other would take too long', async () => {
    const store = await openStore()
    await Promise.all(['user:1', 'task:1'].map((key) => write(store, key)))
    await server.freeze()
    for (let posted = 0; posted < 11; posted += 1) {
      await store.post(
        Array.from({ length: 100 }, (_, nth) => ({ kind: 'key', key: `user:${posted}-${nth}` })),
      )
    }
    const found = store.get('task:1')
    await server.thaw()
    expect(await found).to.equal(null)
  })

  it('evicts everything where it would look at too many keys in one go', async () => {
    const store = await openStore()
    for (let nth = 0; nth < MANY; nth += 500) {
      await Promise.all(Array.from({ length: 500 }, (_, at) => write(store, `item:${nth + at}`)))
    }
    await write(store, 'user:1')
    await store.post([{ kind: 'glob', glob: 'item:*-none' }])
    expect(await store.get('user:1')).to.equal(null)
    await write(store, 'user:1')
    await store.post([{ kind: 'glob', glob: 'item:*-none' }])
    expect((await store.get('user:1'))?.value.toString()).to.equal('old')
  })
})
