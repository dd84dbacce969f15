import { Redis } from 'ioredis'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { TieredStore } from '#src/stores/tiered/tiered-store.js'
import { until } from '../../support/until.js'
import { describeStoreContract } from '../store-contract.js'
import { DEADLINE_MS, newPrefix, redisStoreOfSuite, removeAll, TTL_MS } from './redis-store-of-suite.js'

describe('RedisStore', () => {
  const redis = redisStoreOfSuite()
  const { storeOn } = redis

  for (const protocol of [2, 3] as const) {
    describe(`over RESP${protocol}`, () => {
      let connection: Redis
      before(async () => {
        connection = new Redis(redis.url, { protocol })
        await connection.ping()
      })
      after(() => connection?.quit())

      describeStoreContract('RedisStore', async () => {
        const prefix = newPrefix()
        const tested = new RedisStore({
          client: connection,
          keyPrefix: prefix,
          deadlineMs: DEADLINE_MS,
          ownsClient: false,
        })
        return {
          store: tested,
          // In RESP2 a connection that listens can do nothing else, so those who wait look again and again.
          notifiesWaiters: protocol === 3,
          eventually: until,
          async end() {
            await tested.close()
            await removeAll(connection, prefix)
          },
        }
      })
    })
  }

  describeStoreContract('TieredStore', async () => {
    const tested = new TieredStore(storeOn(redis.client), { maxBytes: 1_000_000, maxAgeMs: TTL_MS })
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
