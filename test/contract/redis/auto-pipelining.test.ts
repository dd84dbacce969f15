import { setImmediate } from 'node:timers/promises'
import { expect } from 'chai'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { clientKind, type TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'

const kind = clientKind('ioredis-6-auto-pipelining')

/** More than goes through Lua. */
const LARGE = Buffer.alloc(3_000, 'x')

describe('RedisStore with an ioredis that makes pipelines by itself', () => {
  let server: RedisServer
  const clients: TestedClient[] = []
  const stores: RedisStore[] = []

  before(async function () {
    server = await ownRedisForTests(this)
  })
  after(async () => {
    await server.thaw()
    await Promise.all(stores.map((store) => store.close()))
    for (const tested of clients) tested.end()
    await server.stop()
  })

  async function openStore(): Promise<[RedisStore, TestedClient]> {
    const tested = kind.open(server.url)
    clients.push(tested)
    const store = new RedisStore({
      client: tested.client,
      keyPrefix: '',
      deadlineMs: 10_000,
      ownsClient: false,
    })
    stores.push(store)
    await until('a connection', () => tested.isReady())
    await store.get('user:1')
    return [store, tested]
  }

  it('gives large values, whose bytes come by a command of their own', async () => {
    const [store] = await openStore()
    await store.set('page:1', LARGE, 60_000)
    const found = [await store.get('page:1'), await store.get('page:1')]
    expect(found.map((one) => one?.value.length)).to.deep.equal([LARGE.length, LARGE.length])
  })

  it('evicts what was posted behind a question that has no answer, though its process ends before Redis goes on', async () => {
    const [[writer, connection], [reader]] = [await openStore(), await openStore()]
    await writer.set('user:1', Buffer.from('old'), 60_000)
    await server.freeze()
    void writer.get('user:2').catch(() => {})
    // It leaves at the end of this turn, with what the client itself puts together one turn later.
    for (const _turn of [1, 2]) await setImmediate()
    await writer.post([{ kind: 'key', key: 'user:1' }])
    connection.end()
    const found = reader.get('user:1')
    await server.thaw()
    expect(await found).to.equal(null)
  })
})
