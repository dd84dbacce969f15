import { RedisStore } from '#src/stores/redis/redis-store.js'
import { TieredStore } from '#src/stores/tiered/tiered-store.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'
import { describeStoreContract } from '../store-contract.js'
import { DEADLINE_MS, newPrefix, redisStoreOfSuite, removeAll, TTL_MS } from './redis-store-of-suite.js'

describeOnEachClient('RedisStore', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { storeOn } = redis

  describeStoreContract('RedisStore', async () => {
    const prefix = newPrefix()
    const tested = new RedisStore({
      client: redis.tested,
      keyPrefix: prefix,
      deadlineMs: DEADLINE_MS,
      ownsClient: false,
    })
    return {
      store: tested,
      // In RESP2 a connection that listens can do nothing else, so those who wait look again and again.
      notifiesWaiters: kind.speaksResp3,
      eventually: until,
      async end() {
        await tested.close()
        await removeAll(redis.client, prefix)
      },
    }
  })

  // Copies need messages on the connection that brings the values.
  if (!kind.speaksResp3) return
  describeStoreContract('TieredStore', async () => {
    const tested = new TieredStore(storeOn(redis.tested), { maxBytes: 1_000_000, maxAgeMs: TTL_MS })
    // It keeps copies once it is subscribed to evictions.
    await tested.heartbeat({ heard: 0, rollCall: 'none' })
    const prefix = redis.keyPrefix
    return {
      store: tested,
      notifiesWaiters: true,
      eventually: until,
      async end() {
        await tested.close()
        await removeAll(redis.client, prefix)
      },
    }
  })
})
