import { randomUUID } from 'node:crypto'
import { Cluster, Redis } from 'ioredis'
import { leaseNameOf, shardNumberOfKey, shardsOf } from '#src/stores/cluster/cluster-names.js'
import { ClusterStore } from '#src/stores/cluster/cluster-store.js'
import { MemoryStore } from '#src/stores/memory/memory-store.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import type { Store } from '#src/stores/store.js'
import { ownClusterForTests, type RedisCluster, redisForTests } from '../support/redis.js'
import type { AreIndependent } from './explore.js'
import type { Scheduler, Step } from './scheduler.js'
import { type Bookkeeping, KEY, type StoreState } from './story.js'

/** A store as it is explored. */
export interface ExploredStore {
  readonly title: string
  setUp(context: Mocha.Context): Promise<void>
  /** A state that holds nothing. */
  fresh(scheduler: Scheduler): StoreState
  tearDown(): Promise<void>
}

/** A step is a call of it. */
export const MEMORY_STORE: ExploredStore = {
  title: 'in-process store',
  async setUp() {},
  fresh: (scheduler) => inProcess(scheduler, new MemoryStore()),
  async tearDown() {},
}

/** All "processes" that open it have the same one. */
export function inProcess(scheduler: Scheduler, store: MemoryStore): StoreState {
  const gated = scheduler.gated(store)
  return {
    open: async () => gated,
    lose: () => Promise.reject(new Error('it loses nothing')),
  }
}

/** A step is a command to the server: each call of the store is one. */
export const REDIS_STORE: ExploredStore = redis()

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
      const redis = present(client)
      const gated = scheduler.gated(redis)
      states += 1
      const keyPrefix = `${prefix}${states}:`
      const names = {
        index: `${keyPrefix}#index`,
        lease: `${keyPrefix}#lease:${KEY}`,
        fences: `${keyPrefix}#fences`,
        marks: `${keyPrefix}#marks`,
        record: `${keyPrefix}#tags:${KEY}`,
      }
      return {
        async open() {
          const store = new RedisStore({ client: gated, keyPrefix, deadlineMs: 10_000, ownsClient: false })
          // The first question on a connection comes with a greeting, which is no step of any actor.
          await store.get('nothing')
          return store
        },
        lose: async (what) => redis.del(what === 'tags' ? await tagsUnder(redis, names.index) : names[what]),
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

/** The last page of the index. */
async function tagsUnder(redis: Redis, index: string): Promise<string> {
  const [entry] = await redis.zrangeBuffer(index, '-1', '-1')
  return `${index}:${entry?.subarray(-16)}`
}

/** A step is a call of the store, during which nobody else asks anything. */
export const CLUSTER_STORE: ExploredStore = cluster('cluster store', (scheduler, client, open) =>
  scheduler.gated(open(client)),
)

/** A step is a command to one of the servers: a call of the store is several, some of them at the same time. */
export const CLUSTER_STORE_BY_COMMANDS: ExploredStore = cluster(
  'cluster store, command by command',
  (scheduler, client, open) => open(inOneShard(withoutExtending(scheduler.gated(client)))),
)

/** For steps of that store: what is done in other slots, or in the database, does the same before and after. */
export const areInOtherPlaces: AreIndependent = (one, other) => placeOf(one) !== placeOf(other)

function placeOf({ label }: Step): 'database' | 'index' | 'value' {
  if (label.endsWith('the database')) return 'database'
  return IN_THE_INDEX.has(label) ? 'index' : 'value'
}

const IN_THE_INDEX: ReadonlySet<string> = new Set([
  'cacheableListedBuffer',
  'cacheableList',
  'cacheableClaim',
  'cacheableFence',
  'cacheableUnlistBuffer',
  'cacheableEvictTaggedBuffer',
  'cacheableRegister',
  'cacheableSettle',
  'cacheableForget',
  'loses the index',
  'loses the fences',
  'loses the marks',
])

function cluster(
  title: string,
  gatedStore: (scheduler: Scheduler, client: Cluster, open: (client: Cluster) => Store) => Store,
): ExploredStore {
  let servers: RedisCluster | undefined
  let client: Cluster | undefined
  let states = 0
  return {
    title,
    async setUp(context) {
      servers = await ownClusterForTests(context)
      client = new Cluster([...servers.nodes])
      await client.ping()
    },
    fresh(scheduler) {
      const redis = present(client)
      states += 1
      const keyPrefix = `${states}:`
      const { index, fences, marks } = present(shardsOf(keyPrefix)[shardNumberOfKey(KEY)])
      const lease = leaseNameOf(keyPrefix, KEY)
      const names: Partial<Record<Bookkeeping, string>> = { index, lease, fences, marks }
      const open = (client: Cluster) =>
        new ClusterStore({ client, keyPrefix, deadlineMs: 10_000, ownsClient: false })
      return {
        async open() {
          const store = gatedStore(scheduler, withoutListening(redis), open)
          // One that has seen the index before trusts it more than one that is new.
          await store.get(KEY)
          return store
        },
        lose: (what) => redis.del(present(names[what])),
      }
    },
    async tearDown() {
      await client?.quit()
      await servers?.stop()
    },
  }
}

/** No store subscribes, and who waits does so by the scheduler anyway. */
function withoutListening(client: Cluster): Cluster {
  return withMember(client, 'isCluster', false)
}

/**
 * That command moves an expiry, which is hours away in every story, and nothing else. As a step it would multiply
 * the orders without telling them apart; sent without being one, it would be under way when others decide.
 */
function withoutExtending(client: Cluster): Cluster {
  return withMember(client, 'cacheableExtend', async () => {})
}

/**
 * An eviction by tag asks all shards at once. None but that of the key holds anything in any story, so what they answer is
 * known: as steps they would multiply the orders, too.
 */
function inOneShard(client: Cluster): Cluster {
  const { index } = present(shardsOf('')[shardNumberOfKey(KEY)])
  const ask: unknown = Reflect.get(client, 'cacheableEvictTaggedBuffer')
  return withMember(client, 'cacheableEvictTaggedBuffer', async (...args: unknown[]) =>
    typeof ask === 'function' && String(args[0]).endsWith(index) ? ask(...args) : [[], null, null],
  )
}

function withMember<Target extends object>(target: Target, name: string, member: unknown): Target {
  return new Proxy(target, { get: (_, asked) => (asked === name ? member : Reflect.get(target, asked)) })
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it has not been set up')
  return value
}
