import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { allOrNone } from './all-or-none.js'
import { startProcess } from './child-process.js'
import { freePorts } from './free-port.js'
import { adminClient, type Endpoint, LOOPBACK, replicates } from './redis-admin.js'
import { findRedis7 } from './redis-launcher.js'
import { RedisNotFound, startRedis } from './redis-server.js'
import { until } from './until.js'

/** A master and a replica of one's own, and three sentinels that watch them. */
export interface RedisSentinel {
  readonly sentinels: readonly Endpoint[]
  /** What the sentinels call the master, whichever of the two it is. */
  readonly name: string
  /** Has the two change roles, and waits until they have. */
  failover(): Promise<void>
  /** SIGKILLs the master, and waits until its replica was promoted. */
  killMaster(): Promise<void>
  stop(): Promise<void>
}

interface Member extends Endpoint {
  readonly pid: number
  readonly admin: Redis
  stop(): Promise<void>
}

const NAME = 'mymaster'
const SENTINELS = 3
const QUORUM = 2

/** Sentinels look around every two to ten seconds by default, and a change of roles takes several looks. */
const PERIODS = ['INFO-PERIOD', 200, 'PUBLISH-PERIOD', 200, 'ASK-PERIOD', 200]

/**
 * Starts them on loopback ports, and waits until the sentinels know the replica and each other.
 *
 * @throws {RedisNotFound} where there is no `redis-server` binary, 7 or later.
 */
export async function startRedisSentinel(): Promise<RedisSentinel> {
  const path = await findRedis7()
  if (path === undefined) throw new RedisNotFound('no redis-server 7 on the PATH')
  const ports = await freePorts(2 + SENTINELS)
  const members = await allOrNone(
    ports.map((port, i) => (i < 2 ? startDataNode(port) : startSentinel(path, port))),
  )
  const [first, second, ...sentinels] = members as [Member, Member, ...Member[]]
  const stop = async () => {
    await Promise.all(members.map((member) => member.stop()))
  }
  try {
    await second.admin.replicaof(first.host, first.port)
    await Promise.all(sentinels.map(({ admin }) => watch(admin, first)))
    await untilRoles(sentinels, { master: first, replica: second })
  } catch (error) {
    await stop()
    throw error
  }

  let [master, replica] = [first, second]
  return {
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name: NAME,
    async failover() {
      await until('a sentinel to begin the failover', () => beginFailover(sentinels[0] as Member))
      ;[master, replica] = [replica, master]
      await untilRoles(sentinels, { master, replica })
    },
    async killMaster() {
      process.kill(master.pid, 'SIGKILL')
      await master.stop()
      master = replica
      await untilRoles(sentinels, { master })
    },
    stop,
  }
}

async function startDataNode(port: number): Promise<Member> {
  // Else the replica waits five seconds for others to join its first copy.
  const server = await startRedis({ port, args: ['--repl-diskless-sync-delay', '0'] })
  const admin = adminClient(port)
  return {
    host: LOOPBACK,
    port,
    pid: server.pid,
    admin,
    async stop() {
      admin.disconnect()
      await server.stop()
    },
  }
}

async function startSentinel(path: string, port: number): Promise<Member> {
  // A sentinel keeps its state in its configuration file.
  const directory = await mkdtemp(join(tmpdir(), 'express-cacheable-sentinel-'))
  const file = join(directory, 'sentinel.conf')
  await writeFile(file, `port ${port}\nbind ${LOOPBACK}\ndir ${directory}\n`)
  const child = await startProcess(path, [file, '--sentinel'])
  const admin = adminClient(port)
  const stop = async () => {
    admin.disconnect()
    await child.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await admin.ping()
  } catch (error) {
    await stop()
    throw new Error(`a sentinel did not start on port ${port}: ${child.output()}`, { cause: error })
  }
  return { host: LOOPBACK, port, pid: child.pid, admin, stop }
}

async function watch(sentinel: Redis, { host, port }: Endpoint): Promise<void> {
  await sentinel.call('SENTINEL', 'DEBUG', ...PERIODS)
  await sentinel.call('SENTINEL', 'MONITOR', NAME, host, port, QUORUM)
  await sentinel.call('SENTINEL', 'SET', NAME, 'down-after-milliseconds', 500, 'failover-timeout', 1_000)
}

/** It refuses while the last failover is not over, or the replica was not heard of for a moment. */
async function beginFailover({ admin }: Member): Promise<boolean> {
  try {
    await admin.call('SENTINEL', 'FAILOVER', NAME)
    return true
  } catch (error) {
    if (/^(INPROG|NOGOODSLAVE)/.test((error as Error).message)) return false
    throw error
  }
}

async function untilRoles(
  sentinels: readonly Member[],
  { master, replica }: { master: Member; replica?: Member },
): Promise<void> {
  await until(
    `${master.port} to be the master`,
    async () => (await isMaster(master, sentinels)) && (!replica || (await isReplicaOf(master, replica))),
    { deadlineMs: 30_000 },
  )
}

async function isMaster({ host, port, admin }: Member, sentinels: readonly Member[]): Promise<boolean> {
  const asSeen = `name=${NAME},status=ok,address=${host}:${port},slaves=1,sentinels=${SENTINELS}`
  const seen = await Promise.all(sentinels.map((sentinel) => sentinel.admin.info('sentinel')))
  return (
    seen.every((text) => text.includes(asSeen)) && (await admin.info('replication')).includes('role:master')
  )
}

async function isReplicaOf(master: Member, { admin }: Member): Promise<boolean> {
  const replication = await admin.info('replication')
  return (
    replication.includes(`master_port:${master.port}\r`) &&
    replication.includes('master_link_status:up') &&
    replicates(master.admin, 'probe')
  )
}
