import type { Redis } from 'ioredis'
import { slotOf } from '#src/stores/cluster/cluster-names.js'
import { allOrNone } from './all-or-none.js'
import { freePorts } from './free-port.js'
import { adminClient, type Endpoint, LOOPBACK, replicates } from './redis-admin.js'
import { findRedis7 } from './redis-launcher.js'
import { RedisNotFound, startRedis } from './redis-server.js'
import { until } from './until.js'

/** A Redis Cluster of one's own. */
export interface RedisCluster {
  /** All as started, killed ones too: a client's list of nodes is not kept up to date either. */
  readonly nodes: readonly Endpoint[]
  readonly urls: readonly string[]
  slotOf(key: string): number
  /**
   * Moves a slot and its keys to another master, like `redis-cli --cluster reshard`.
   *
   * @param options.whileMoving - Called while the slot is migrating and half of its keys (rounded down) have moved.
   *   It must not kill a master: Redis cannot fail over the source of a slot that is being moved.
   */
  moveSlot(slot: number, options?: { whileMoving?: () => Promise<void> }): Promise<void>
  /** Lets all that are alive answer nothing for that long. */
  pause(ms: number): Promise<void>
  /** SIGKILLs the master of a slot, and waits until its replica has taken over. */
  killMaster(slot: number): Promise<void>
  stop(): Promise<void>
}

interface ClusterNode extends Endpoint {
  readonly busPort: number
  readonly pid: number
  readonly admin: Redis
  readonly id: string
  stop(): Promise<void>
}

/** As in the answer of CLUSTER SLOTS. */
type SlotRange = [first: number, last: number, master: SlotHolder, ...replicas: SlotHolder[]]
type SlotHolder = [host: string, port: number, id: string, ...metadata: unknown[]]

export interface RedisClusterOptions {
  readonly masters?: number
  /** Whether each master has a replica. */
  readonly isReplicated?: boolean
}

const SLOTS = 16_384

const NODE_ARGS = [
  ...['--cluster-enabled', 'yes', '--cluster-node-timeout', '1000'],
  // Else a replica waits five seconds for others to join its first copy.
  ...['--repl-diskless-sync-delay', '0'],
  // A replica is listed once it has received something, which may be the ping of an idle master.
  ...['--repl-ping-replica-period', '1'],
]

/**
 * Starts a cluster on loopback ports, and waits until every node serves it. That takes over two seconds, because
 * Redis lets no master into a cluster earlier than that after its start.
 *
 * @throws {RedisNotFound} where there is no `redis-server` binary, 7 or later.
 */
export async function startRedisCluster({
  masters = 3,
  isReplicated = true,
}: RedisClusterOptions = {}): Promise<RedisCluster> {
  if ((await findRedis7()) === undefined) throw new RedisNotFound('no redis-server 7 on the PATH')
  const count = isReplicated ? 2 * masters : masters
  const ports = await freePorts(2 * count)
  const nodes = await allOrNone(
    Array.from({ length: count }, (_, i) => startNode(ports[i] as number, ports[count + i] as number)),
  )
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()))
  }
  try {
    await form(nodes.slice(0, masters), nodes.slice(masters))
  } catch (error) {
    await stop()
    throw error
  }

  const alive = new Set(nodes)
  return {
    nodes: nodes.map(({ host, port }) => ({ host, port })),
    urls: nodes.map(({ host, port }) => `redis://${host}:${port}`),
    slotOf,
    moveSlot: (slot, { whileMoving } = {}) => moveSlot([...alive], slot, whileMoving),
    async pause(ms) {
      await Promise.all([...alive].map(({ admin }) => admin.call('CLIENT', 'PAUSE', ms, 'ALL')))
    },
    async killMaster(slot) {
      const master = await masterOf([...alive], slot)
      alive.delete(master)
      process.kill(master.pid, 'SIGKILL')
      await master.stop()
      await untilEach('to follow the replica of the killed master', alive, async (node) => {
        return (await isServing(node)) && (await masterIdOf(node, slot)) !== master.id
      })
    },
    stop,
  }
}

async function startNode(port: number, busPort: number): Promise<ClusterNode> {
  const server = await startRedis({ port, args: [...NODE_ARGS, '--cluster-port', String(busPort)] })
  const admin = adminClient(port)
  return {
    host: LOOPBACK,
    port,
    busPort,
    pid: server.pid,
    admin,
    id: (await admin.call('CLUSTER', 'MYID')) as string,
    async stop() {
      admin.disconnect()
      await server.stop()
    },
  }
}

async function form(masters: readonly ClusterNode[], replicas: readonly ClusterNode[]): Promise<void> {
  const nodes = [...masters, ...replicas]
  await Promise.all(
    masters.map(async ({ admin }, i) => {
      const first = Math.floor((i * SLOTS) / masters.length)
      const last = Math.floor(((i + 1) * SLOTS) / masters.length) - 1
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', first, last)
      // Masters that start with the same epoch would first have to settle whose comes later.
      await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
    }),
  )
  // Each meets each: to leave that to their gossip takes seconds.
  await Promise.all(
    nodes.flatMap(({ admin }, i) =>
      nodes.slice(i + 1).map(({ host, port, busPort }) => admin.call('CLUSTER', 'MEET', host, port, busPort)),
    ),
  )
  await untilEach(
    'to know the masters',
    replicas,
    async (node) => (await slotRanges(node)).length === masters.length,
  )
  await Promise.all(replicas.map(({ admin }, i) => admin.call('CLUSTER', 'REPLICATE', masters[i]?.id ?? '')))
  await untilEach('to serve the cluster', nodes, async (node) => {
    const ranges = await slotRanges(node)
    const holdersOfEach = nodes.length / masters.length
    return ranges.every(([, , ...holders]) => holders.length === holdersOfEach) && isServing(node)
  })
  if (replicas.length > 0) await untilEach('to be replicated', masters, isReplicating)
}

async function moveSlot(
  nodes: readonly ClusterNode[],
  slot: number,
  whileMoving?: () => Promise<void>,
): Promise<void> {
  const masters = await mastersOf(nodes)
  const source = await masterOf(nodes, slot)
  const target = masters.find((master) => master !== source)
  if (target === undefined) throw new Error(`there is no other master to move slot ${slot} to`)

  await target.admin.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source.id)
  await source.admin.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target.id)
  const count = (await source.admin.call('CLUSTER', 'COUNTKEYSINSLOT', slot)) as number
  await migrateKeys(source, target, slot, Math.floor(count / 2))
  try {
    await whileMoving?.()
  } finally {
    // Even if an assertion failed: a node that is importing a slot cannot follow a failover of its source.
    await migrateKeys(source, target, slot, count)
    // The target first: from then on, somebody owns the slot whatever happens.
    for (const { admin } of [target, ...masters.filter((master) => master !== target)]) {
      await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', target.id)
    }
    await untilEach(
      'to know where the slot went',
      nodes,
      async (node) => (await masterIdOf(node, slot)) === target.id,
    )
  }
}

/** The keys of a slot that is migrating can only become fewer at its source: new ones are made at the target. */
async function migrateKeys(
  source: ClusterNode,
  target: ClusterNode,
  slot: number,
  limit: number,
): Promise<void> {
  const keys = (await source.admin.callBuffer('CLUSTER', 'GETKEYSINSLOT', slot, limit)) as Buffer[]
  for (const key of keys) await source.admin.call('MIGRATE', target.host, target.port, key, 0, 5_000)
}

async function untilEach(
  what: string,
  nodes: Iterable<ClusterNode>,
  condition: (node: ClusterNode) => Promise<boolean>,
): Promise<void> {
  await Promise.all(
    Array.from(nodes, (node) => until(`${node.port} ${what}`, () => condition(node), { deadlineMs: 30_000 })),
  )
}

async function slotRanges({ admin }: ClusterNode): Promise<SlotRange[]> {
  return (await admin.call('CLUSTER', 'SLOTS')) as SlotRange[]
}

/** Whom `node` holds for the master of a slot. */
async function masterIdOf(node: ClusterNode, slot: number): Promise<string | undefined> {
  const range = (await slotRanges(node)).find(([first, last]) => first <= slot && slot <= last)
  return range?.[2][2]
}

async function masterOf(nodes: readonly ClusterNode[], slot: number): Promise<ClusterNode> {
  const id = await masterIdOf(nodes[0] as ClusterNode, slot)
  const master = nodes.find((node) => node.id === id)
  if (master === undefined) throw new Error(`slot ${slot} has no master`)
  return master
}

async function mastersOf(nodes: readonly ClusterNode[]): Promise<ClusterNode[]> {
  const ranges = await slotRanges(nodes[0] as ClusterNode)
  return nodes.filter(({ id }) => ranges.some(([, , master]) => master[2] === id))
}

async function isServing({ admin }: ClusterNode): Promise<boolean> {
  return String(await admin.call('CLUSTER', 'INFO')).includes('cluster_state:ok')
}

async function isReplicating(master: ClusterNode): Promise<boolean> {
  let key = 'probe'
  for (let n = 0; (await masterIdOf(master, slotOf(key))) !== master.id; n++) key = `probe:${n}`
  return replicates(master.admin, key)
}
