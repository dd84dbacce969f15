import { rm } from 'node:fs/promises'
import { freePort } from '../../support/free-port.js'
import { LOOPBACK, replicates } from '../../support/redis-admin.js'
import { until } from '../../support/until.js'
import type { Stage } from './stage.js'

/** A process tries to connect twice a second, and looks for Redis twice a second. */
const BACK_WITHIN_MS = 1_000
/** A process expires after four seconds, and others look each second. */
const MISSED_WITHIN_MS = 5_000
/** Two seconds go by before anybody serves what another server has; then there is something to be seen. */
const ANOTHER_SERVER_MS = 4_000

/** What goes wrong while the writer writes. */
export interface Fault {
  readonly name: string
  /** From the beginning of the fault to its end. */
  readonly lastsMs: number
  readonly redisArgs?: readonly string[]
  /** When a reader that noticed nothing begins to read: once the write is answered, or once the fault is over. */
  readonly readersBegin: 'answered' | 'over'
  /** For how long others may get what was there before, as the documentation states; not at all where it is missing. */
  othersKnowWithinMs?(writerLives: boolean): number
  /** For how long the answers are looked at once it is over, where others need longer than a second. */
  readonly lookOnMs?: number
  /** It does not come back to where anybody may serve a hit. */
  readonly staysAway?: true
  /** Once for each stage. */
  prepare?(stage: Stage): Promise<void>
  begin(stage: Stage): Promise<unknown>
  end(stage: Stage): Promise<unknown>
  /** Makes all as it was before `begin`, when nobody looks any more. */
  reset?(stage: Stage): Promise<unknown>
}

function freeze(lastsMs: number): Fault {
  return {
    name: `Redis stands still for ${inWords(lastsMs)}`,
    lastsMs,
    readersBegin: 'over',
    begin: ({ server }) => server.freeze(),
    end: ({ server }) => server.thaw(),
  }
}

/** Those who listen on their only connection count as subscribers. */
async function cut({ admin }: Stage): Promise<void> {
  for (const type of ['normal', 'pubsub']) await admin.call('CLIENT', 'KILL', 'TYPE', type)
}

export const cutOnce: Fault = {
  name: 'all connections are cut once',
  lastsMs: 0,
  readersBegin: 'over',
  begin: cut,
  end: async () => {},
}

/** A Redis that answers questions and takes no word. */
function refusal(name: string, begin: Fault['begin'], end: Fault['end'], rest: Partial<Fault> = {}): Fault {
  return {
    name: `Redis refuses writes: ${name}`,
    lastsMs: 3_000,
    readersBegin: 'answered',
    begin,
    end,
    ...rest,
  }
}

const tooFewReplicas = refusal(
  '`min-replicas-to-write`',
  ({ admin }) => admin.config('SET', 'min-replicas-to-write', 1),
  ({ admin }) => admin.config('SET', 'min-replicas-to-write', 0),
)

const cannotSave = refusal(
  '`MISCONF`',
  async ({ admin, directory }) => {
    await admin.config('SET', 'save', '3600 1000000')
    await rm(directory, { recursive: true, force: true })
    await admin.bgsave()
    await until('saving to fail', async () =>
      (await admin.info('persistence')).includes('rdb_last_bgsave_status:err'),
    )
  },
  ({ admin }) => admin.config('SET', 'save', ''),
)

const demoted = refusal(
  'a replica now, with the old connections',
  async ({ admin }) => admin.replicaof(LOOPBACK, await freePort()),
  ({ admin }) => admin.replicaof('NO', 'ONE'),
  { lookOnMs: ANOTHER_SERVER_MS },
)

/** Others believe in the new master before this one knows of it; what it has acknowledged meanwhile goes. */
export const overtaken: Fault = {
  name: 'Redis becomes a replica of one that took over before the write, with the old connections',
  lastsMs: 0,
  readersBegin: 'over',
  staysAway: true,
  async prepare(stage) {
    await stage.startOtherRedis()
    await follow(stage)
  },
  begin: ({ other }) => other?.admin.replicaof('NO', 'ONE') ?? Promise.resolve(),
  async end({ admin, other }) {
    await admin.replicaof(LOOPBACK, other?.server.port ?? 0)
    await until('the old master to follow', async () =>
      (await admin.info('replication')).includes('master_link_status:up'),
    )
  },
  async reset(stage) {
    await stage.admin.replicaof('NO', 'ONE')
    await follow(stage)
  },
}

async function follow({ admin, other, server }: Stage): Promise<void> {
  await other?.admin.replicaof(LOOPBACK, server.port)
  await until('the other to follow', () => replicates(admin, 'to-see-whether-it-follows'))
}

function restart(name: string, args: readonly string[], rest: Partial<Fault> = {}): Fault {
  return {
    name: `Redis is killed, and restarted ${name}`,
    lastsMs: 500,
    redisArgs: args,
    readersBegin: 'over',
    lookOnMs: ANOTHER_SERVER_MS,
    begin: kill,
    end: (stage) => stage.startRedis(),
    ...rest,
  }
}

async function kill({ server }: Stage): Promise<void> {
  process.kill(server.pid, 'SIGKILL')
  await server.stop()
}

const withoutItsData = restart('without its data', [])
const withItsData = restart('with its data', ['--appendonly', 'yes', '--appendfsync', 'always'])
/** The eviction is acknowledged, and lost with the process. */
const withOlderData = restart('with data from before the write', ['--dbfilename', 'dump.rdb'], {
  lastsMs: 0,
  begin: ({ admin }) => admin.save(),
  async end(stage) {
    await kill(stage)
    await stage.startRedis()
  },
})

function writerAlone(lastsMs: number): Fault {
  return {
    name: `the writer alone cannot reach Redis for ${inWords(lastsMs)}`,
    lastsMs,
    readersBegin: 'answered',
    // Until it is back, and longer than they need to miss it if it is not.
    othersKnowWithinMs: (writerLives) =>
      writerLives ? Math.min(lastsMs + BACK_WITHIN_MS, MISSED_WITHIN_MS) : MISSED_WITHIN_MS,
    lookOnMs: MISSED_WITHIN_MS + 1_000,
    begin: ({ proxy }) => proxy.fault('refuse'),
    end: ({ proxy }) => proxy.heal(),
  }
}

export const FREEZES = [200, 500, 1_000, 2_000, 5_000, 10_000].map(freeze)
export const REFUSALS = [tooFewReplicas, cannotSave, demoted]
export const RESTARTS = [withoutItsData, withItsData, withOlderData]
export const WRITER_ALONE = [500, 2_000, 6_000].map(writerAlone)

/** The ways of all that are of no fault's making. */
export const WELL: Fault = {
  name: 'Redis is well',
  lastsMs: 0,
  readersBegin: 'answered',
  begin: async () => {},
  end: async () => {},
}

function inWords(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`
}
