import { Cluster, Redis } from 'ioredis'
import { ClusterStore } from '#src/stores/cluster/cluster-store.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import type { Store } from '#src/stores/store.js'
import { TieredStore } from '#src/stores/tiered/tiered-store.js'
import { TTL_MS } from '../../contract/store/tested-store.js'
import { ownClusterForTests, ownRedisForTests } from '../../support/redis.js'
import { adminClient } from '../../support/redis-admin.js'

/** As in docs/security.md. */
export const KEY_PREFIX = 'crm:'
export const USER = { username: 'crm', password: 'PASSWORD' } as const
const DEADLINE_MS = 5_000
/** As docs/reference/options.md asks of a client that is passed in. */
const CLIENT = { ...USER, maxRetriesPerRequest: 0, autoResubscribe: false } as const

export interface Servers {
  readonly admins: readonly Redis[]
  /** Where the processes are that share the cache. */
  readonly members: string
  /** As the user. */
  connect(): Redis | Cluster
  open(client: Redis | Cluster, onTrouble: (error: unknown) => void): Store
  /** Does something while the slot of a key moves from one server to another, if there are several. */
  whileMoving(key: string, act: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

export async function oneRedis(context: Mocha.Context): Promise<Servers> {
  const server = await ownRedisForTests(context)
  return {
    admins: [adminClient(server.port)],
    members: `${KEY_PREFIX}#members`,
    connect: () => tolerant(new Redis(server.port, CLIENT)),
    open: (client, onTrouble) =>
      new TieredStore(new RedisStore({ ...STORE, client, onTrouble }), {
        maxBytes: 1_000_000,
        maxAgeMs: TTL_MS,
      }),
    whileMoving: (_key, act) => act(),
    stop: () => server.stop(),
  }
}

export async function oneCluster(context: Mocha.Context): Promise<Servers> {
  const cluster = await ownClusterForTests(context)
  return {
    admins: cluster.nodes.map(({ port }) => adminClient(port)),
    members: `${KEY_PREFIX}#{0}members`,
    connect: () =>
      tolerant(new Cluster([...cluster.nodes], { redisOptions: CLIENT, clusterRetryStrategy: () => null })),
    open: (client, onTrouble) => new ClusterStore({ ...STORE, client, onTrouble }),
    whileMoving: (key, act) => cluster.moveSlot(cluster.slotOf(KEY_PREFIX + key), { whileMoving: act }),
    stop: () => cluster.stop(),
  }
}

const STORE = { keyPrefix: KEY_PREFIX, deadlineMs: DEADLINE_MS, ownsClient: false } as const

/** What goes wrong, the store tells. */
function tolerant<Client extends Redis | Cluster>(client: Client): Client {
  client.on('error', () => {})
  return client
}
