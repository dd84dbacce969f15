import { expect } from 'chai'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { agedBytes } from '../../support/heap.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { clientKind, type TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'

const ROUNDS = 20
const AT_ONCE = 50
/** Of a command that became old, its arguments alone take more. */
const MOST_BYTES = 500

for (const name of ['ioredis-6', 'ioredis-5', 'iovalkey']) {
  describe(`RedisStore with ${name}, as to memory`, () => {
    let server: RedisServer
    let tested: TestedClient
    let store: RedisStore

    before(async function () {
      server = await ownRedisForTests(this)
      tested = clientKind(name).open(server.url)
      store = new RedisStore({
        client: tested.client,
        keyPrefix: '',
        deadlineMs: 10_000,
        ownsClient: false,
      })
      await until('a connection', () => tested.isReady())
    })
    after(async () => {
      await store.close()
      tested.end()
      await server.stop()
    })

    async function askOften(): Promise<void> {
      const keys = Array.from({ length: AT_ONCE }, (_, nth) => `user:${nth}`)
      // One after the other: those of one turn share a command.
      for (const key of keys) await store.get(key)
    }

    it('lets go of what it has asked without a collection of all that there is', async () => {
      await askOften()
      const aged = await agedBytes(ROUNDS, askOften)
      expect(aged / (ROUNDS * AT_ONCE)).to.be.below(MOST_BYTES)
    })
  })
}
