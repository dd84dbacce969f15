import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { freePort } from '../support/free-port.js'
import { type FaultCase, type FaultyRedis, onFaults } from '../support/on-faults.js'
import { startRedis } from '../support/redis.js'
import { adminClient, LOOPBACK } from '../support/redis-admin.js'
import { until } from '../support/until.js'

const LOST = /lost a command|not connected|ECONNREFUSED|ECONNRESET|EPIPE|closed/

/** Those of the applications, which count as subscribers where they listen on their only connection. */
async function cutConnections({ admin }: FaultyRedis): Promise<void> {
  for (const type of ['normal', 'pubsub']) await admin.call('CLIENT', 'KILL', 'TYPE', type)
}

const SLOW_TO_LOAD = {
  args: ['--enable-debug-command', 'local', '--loading-process-events-interval-bytes', '1024'],
}

/** Each key takes a millisecond. */
function loadForMs(keys: number) {
  return async ({ admin }: FaultyRedis) => {
    await admin.call('DEBUG', 'POPULATE', keys)
    await admin.config('SET', 'key-load-delay', 1_000)
  }
}

/** A connection is answered nothing else while it reloads. */
async function beside(port: number, use: (other: Redis) => Promise<unknown>): Promise<void> {
  const other = adminClient(port, { enableReadyCheck: false })
  await use(other).finally(() => other.disconnect())
}

const faults: FaultCase[] = [
  {
    name: 'connections that are cut',
    times: 8,
    told: LOST,
    break: cutConnections,
  },
  {
    name: 'a server that is loading its data',
    server: SLOW_TO_LOAD,
    told: /LOADING/,
    prepare: loadForMs(1_500),
    break: ({ admin }) => admin.call('DEBUG', 'RELOAD'),
  },
  {
    name: 'a server that is loading its data from the start',
    server: SLOW_TO_LOAD,
    atStart: true,
    // A client counts itself as connected once the loading is over.
    told: /LOADING|in state 'connect/,
    prepare: loadForMs(3_000),
    break: ({ admin }) => {
      admin.call('DEBUG', 'RELOAD').catch(() => {})
    },
    heal: ({ admin }) => admin.ping(),
  },
  {
    // Redis is asked how long it will take, which is a guess of whole seconds.
    name: 'a server that is loaded long before it thought',
    server: SLOW_TO_LOAD,
    atStart: true,
    told: /LOADING|in state 'connect/,
    prepare: loadForMs(30_000),
    break: async ({ admin, server }) => {
      admin.call('DEBUG', 'RELOAD').catch(() => {})
      await beside(server.port, (other) =>
        until('a long time to go', async () => {
          const eta = /loading_eta_seconds:(\d+)/.exec(await other.info('persistence'))?.[1]
          return Number(eta) > 12
        }),
      )
    },
    heal: async ({ admin, server }) => {
      await beside(server.port, (other) => other.config('SET', 'key-load-delay', 0))
      await admin.ping()
    },
  },
  {
    name: 'a server that became a read-only replica',
    told: /READONLY/,
    break: followNobody,
    heal: ({ admin }) => admin.replicaof('NO', 'ONE'),
  },
  {
    name: 'a replica without its master, which serves nothing',
    told: /MASTERDOWN/,
    prepare: ({ admin }) => admin.config('SET', 'replica-serve-stale-data', 'no'),
    break: followNobody,
    heal: ({ admin }) => admin.replicaof('NO', 'ONE'),
  },
  {
    name: 'a server that is full and removes nothing',
    told: /OOM/,
    break: ({ admin }) => admin.config('SET', 'maxmemory', 1),
    heal: ({ admin }) => admin.config('SET', 'maxmemory', 0),
  },
  {
    name: 'a server that suddenly wants a password',
    told: LOST,
    break: async (redis) => {
      await redis.admin.config('SET', 'requirepass', 'new')
      await cutConnections(redis)
    },
    heal: ({ admin }) => admin.config('SET', 'requirepass', ''),
  },
  {
    name: 'a password that is no longer right',
    password: 'old',
    told: LOST,
    prepare: ({ admin }) => admin.config('SET', 'requirepass', 'old'),
    break: async (redis) => {
      await redis.admin.config('SET', 'requirepass', 'new')
      await cutConnections(redis)
    },
    heal: ({ admin }) => admin.config('SET', 'requirepass', 'old'),
  },
  {
    name: 'a server that wants a password from the start',
    atStart: true,
    told: /NOAUTH/,
    break: ({ admin }) => admin.config('SET', 'requirepass', 'new'),
    heal: ({ admin }) => admin.config('SET', 'requirepass', ''),
  },
  {
    name: 'a password that is wrong from the start',
    atStart: true,
    password: 'old',
    told: /WRONGPASS/,
    break: ({ admin }) => admin.config('SET', 'requirepass', 'new'),
    heal: ({ admin }) => admin.config('SET', 'requirepass', 'old'),
  },
  {
    name: 'a server that takes no writes since it cannot save',
    told: /MISCONF/,
    prepare: ({ admin }) => admin.config('SET', 'save', '3600 1'),
    break: async ({ admin }) => {
      await rm(await directoryOf(admin), { recursive: true })
      await admin.bgsave()
      await until('saving to fail', async () =>
        (await admin.info('persistence')).includes('rdb_last_bgsave_status:err'),
      )
    },
    heal: ({ admin }) => admin.config('SET', 'save', ''),
  },
  {
    name: 'a server that takes no more clients',
    told: LOST,
    break: async (redis) => {
      await redis.admin.config('SET', 'maxclients', 1)
      await cutConnections(redis)
    },
    heal: ({ admin }) => admin.config('SET', 'maxclients', 1_000),
  },
  {
    name: 'restarts without the data',
    times: 2,
    told: LOST,
    break: async (redis) => {
      const { port } = redis.server
      await redis.server.stop()
      redis.server = await startRedis({ port })
    },
  },
  {
    name: 'crashes, and restarts from data in which evictions are lacking',
    times: 2,
    server: { args: ['--appendonly', 'yes'] },
    told: LOST,
    break: async (redis) => {
      const { port, pid } = redis.server
      const directory = await mkdtemp(join(tmpdir(), 'express-cacheable-data-'))
      await cp(await directoryOf(redis.admin), directory, { recursive: true })
      const copiedAt = await commandsOf(redis.admin)
      await until('evictions', async () => (await commandsOf(redis.admin)) > copiedAt + 300)
      process.kill(pid, 'SIGKILL')
      await redis.server.stop()
      const server = await startRedis({ port, args: ['--appendonly', 'yes', '--dir', directory] })
      const stop = async () => {
        await server.stop()
        await rm(directory, { recursive: true })
      }
      redis.server = { ...server, stop }
    },
  },
]

async function followNobody({ admin }: FaultyRedis): Promise<void> {
  await admin.replicaof(LOOPBACK, await freePort())
}

async function directoryOf(admin: Redis): Promise<string> {
  const [, directory] = (await admin.config('GET', 'dir')) as string[]
  return directory as string
}

/** How many commands the server has had, those of scripts included. */
async function commandsOf(admin: Redis): Promise<number> {
  return Number(/total_commands_processed:(\d+)/.exec(await admin.info('stats'))?.[1])
}

onFaults('a Redis server in trouble', faults)
