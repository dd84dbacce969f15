import { expect } from 'chai'

import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js'
import { LOOPBACK } from '../../support/redis-admin.js'
import { describeOnEachClient, type TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'
import { redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

/** More than a value may be on its way. */
const BUSY_MS = 1_000

describeOnEachClient('RedisStore whose first word from the server was late', (kind) => {
  const redis = redisStoreOfSuite(kind)
  let way: FaultProxy
  let behind: TestedClient

  beforeEach(async () => {
    way = await startFaultProxy({ host: LOOPBACK, port: Number(new URL(redis.url).port) })
    behind = kind.open(way.url)
    await until('a connection', () => behind.isReady())
  })
  afterEach(async () => {
    behind.end()
    await way.close()
  })

  async function storeThatHeardLate() {
    const store = redis.storeOn(behind.client)
    await store.ready()
    await way.fault({ delayMs: BUSY_MS })
    await store.heartbeat({ heard: 0, rollCall: 'none' })
    return store
  }

  it('stores a value all the same, once it has heard what the clock there shows', async () => {
    const store = await storeThatHeardLate()
    await way.heal()
    expect(await store.set('user:1', Buffer.from('new'), TTL_MS)).to.equal(true)
    expect((await store.get('user:1'))?.value.toString()).to.equal('new')
  })
})
