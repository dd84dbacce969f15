import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { MemoryStore } from '#src/stores/memory-store.js'
import { RedisStore } from '#src/stores/redis-store.js'
import { redisForTests } from '../support/redis.js'
import type { Scheduler } from './scheduler.js'
import type { OpenStore } from './story.js'

/** A store as it is explored: a step is a call of it or, where it is remote, a single command to the server. */
interface ExploredStore {
  readonly title: string
  setUp(context: Mocha.Context): Promise<void>
  /** A state that holds nothing. */
  fresh(scheduler: Scheduler): OpenStore
  tearDown(): Promise<void>
}

export const EXPLORED_STORES: readonly ExploredStore[] = [
  {
    title: 'in-process store',
    async setUp() {},
    fresh: (scheduler) => inProcess(scheduler, new MemoryStore()),
    async tearDown() {},
  },
  redis(),
]

/** All "processes" that open it have the same one. */
export function inProcess(scheduler: Scheduler, store: MemoryStore): OpenStore {
  const gated = scheduler.gated(store)
  return async () => gated
}

function redis(): ExploredStore {
  const prefix = `test-${randomUUID()}:`
  let client: Redis | undefined
  let states = 0
  return {
    title: 'Redis store',
    async setUp(context) {
      // In RESP2 no store listens, and who waits does so by the scheduler anyway.
      client = new Redis(await redisForTests(context), { protocol: 2 })
      await client.ping()
    },
    fresh(scheduler) {
      if (client === undefined) throw new Error('it has not been set up')
      const gated = scheduler.gated(client)
      states += 1
      const keyPrefix = `${prefix}${states}:`
      return async () => {
        const store = new RedisStore({ client: gated, keyPrefix, deadlineMs: 10_000, ownsClient: false })
        // The first question on a connection comes with a greeting, which is no step of any actor.
        await store.get('nothing')
        return store
      }
    },
    async tearDown() {
      if (client === undefined) return
      for await (const found of client.scanStream({ match: `*${prefix}*`, count: 1_000 })) {
        const names = found as string[]
        if (names.length > 0) await client.del(...names)
      }
      await client.quit()
    },
  }
}
