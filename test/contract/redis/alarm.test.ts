import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { adminClient } from '../../support/redis-admin.js'
import { describeOnEachClient, type TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'

describeOnEachClient('RedisStore on a Redis that takes no writes', (kind) => {
  // The word is on a channel.
  if (!kind.speaksResp3) return
  let server: RedisServer
  let admin: Redis
  const clients: TestedClient[] = []
  const stores: RedisStore[] = []

  beforeEach(async function () {
    server = await ownRedisForTests(this)
    admin = adminClient(server.port)
  })
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()))
    for (const tested of clients.splice(0)) tested.end()
    admin.disconnect()
    await server.stop()
  })

  const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
  async function openStore() {
    const tested = kind.open(server.url)
    clients.push(tested)
    const store = new RedisStore({ client: tested.client, keyPrefix, deadlineMs: 5_000, ownsClient: false })
    const told = { touchLost: 0, calls: [] as number[] }
    store.observe({
      touchLost: () => {
        told.touchLost += 1
      },
      foreignFound: () => {},
      rollCalled: (number) => told.calls.push(number),
    })
    stores.push(store)
    await until('a connection', () => tested.isReady())
    await store.heartbeat({ heard: 0, rollCall: 'none' })
    return { store, told }
  }

  it('tells other processes of an eviction that it refused, and of roll calls', async () => {
    const [one, other] = [await openStore(), await openStore()]
    await one.store.set('user:1', Buffer.from('old'), 60_000)
    await until('subscriptions', async () => {
      const [, count] = (await admin.call('PUBSUB', 'NUMSUB', `${keyPrefix}#roll-calls`)) as [string, number]
      return count === 2
    })
    await admin.config('SET', 'min-replicas-to-write', 1)
    for (const refused of [
      one.store.evict([{ kind: 'key', key: 'user:1' }]),
      other.store.get('user:1'),
      other.store.lookup('user:1', { leaseMs: 1_000, graceMs: 0 }),
      other.store.heartbeat({ heard: 0, rollCall: 'none' }),
    ]) {
      expect(await refused.catch(({ scope }) => scope)).to.equal('all')
    }
    await one.store.alarm()
    await until('the alarm', () => other.told.touchLost === 1)
    await admin.config('SET', 'min-replicas-to-write', 0)
    const { rollCall, missing } = await other.store.heartbeat({ heard: 0, rollCall: 'begin' })
    expect(missing).to.equal(1)
    await until('the roll call', () => one.told.calls.includes(rollCall?.number ?? 0))
    await one.store.heartbeat({ heard: rollCall?.number ?? 0, rollCall: 'none' })
    const answered = await other.store.heartbeat({ heard: 0, rollCall: rollCall ?? 'none' })
    expect(answered).to.deep.include({ rollCall, missing: 0 })
  })

  it('takes no heartbeat from before a roll call for an answer to it', async () => {
    const [one, other] = [await openStore(), await openStore()]
    const { rollCall } = await other.store.heartbeat({ heard: 0, rollCall: 'begin' })
    await one.store.heartbeat({ heard: (rollCall?.number ?? 0) - 1, rollCall: 'none' })
    const waiting = await other.store.heartbeat({ heard: 0, rollCall: rollCall ?? 'none' })
    expect(waiting.missing).to.equal(1)
  })
})
