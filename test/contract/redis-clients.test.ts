import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { redisForTests } from '../support/redis.js'
import { clientKind, clientKinds, type TestedClient } from '../support/redis-clients.js'
import { until } from '../support/until.js'
import { removeAll } from './redis/redis-store-of-suite.js'
import { describeStoreContract } from './store-contract.js'

/** Of each package the oldest that is taken; `npm run clients` tries all versions on all suites. */
const OLDEST = ['ioredis-5-0', 'node-redis-5', 'iovalkey'].map(clientKind)
/** Those that the other suites of this run leave out. */
const others = OLDEST.filter((kind) => !clientKinds().includes(kind))

for (const kind of others) {
  describe(`with ${kind.name}`, () => {
    let admin: Redis
    let tested: TestedClient

    before(async function () {
      const url = await redisForTests(this)
      admin = new Redis(url)
      tested = kind.open(url)
    })
    after(async () => {
      tested?.end()
      await admin?.quit()
    })

    describeStoreContract('RedisStore', async () => {
      const keyPrefix = `test-${randomUUID()}:`
      const store = new RedisStore({
        client: tested.client,
        keyPrefix,
        deadlineMs: 10_000,
        ownsClient: false,
      })
      return {
        store,
        notifiesWaiters: kind.speaksResp3,
        eventually: until,
        async end() {
          await store.close()
          await removeAll(admin, keyPrefix)
        },
      }
    })
  })
}
