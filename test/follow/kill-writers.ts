import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { Random } from '../consistency/random.js'
import { Reader, Writer } from './child.js'

export interface KillOptions {
  readonly redis: string
  readonly database: string
  readonly admin: pg.Pool
  readonly keyPrefix: string
  readonly kills: number
  readonly seed: number
  /** Without it, nobody follows, and there is nothing to wait for. */
  readonly follows: boolean
  readonly tell: (tally: Tally) => void
}

/** Where in their writes the writers died, and what was read once the follower had passed. */
export interface Tally {
  kills: number
  beforeCommit: number
  unevicted: number
  evicted: number
  /** Processes that followed and were killed, so that another took over. */
  handovers: number
  /** Rows that were in the cache before they were written. */
  cached: number
  reads: number
  hits: number
  stale: number
  /** Waits that took a minute, and were given up. */
  late: number
}

const READERS = 3
const LANES = 8
const ROWS_PER_LANE = 16
const KILLS_PER_HANDOVER = 48
/** How many writes that nobody dies in say how long one takes, */
const TRIED = 5
/** and how far beyond that the moments of death reach. */
const BEYOND = 1.3

export async function killWriters(options: KillOptions): Promise<Tally> {
  const { admin, kills, seed, tell } = options
  const random = new Random(seed)
  const tally: Tally = {
    ...{ kills: 0, beforeCommit: 0, unevicted: 0, evicted: 0, handovers: 0 },
    ...{ cached: 0, reads: 0, hits: 0, stale: 0, late: 0 },
  }
  await admin.query(`CREATE TABLE items (id int PRIMARY KEY, version int NOT NULL);
    INSERT INTO items SELECT n, 0 FROM generate_series(0, ${LANES * ROWS_PER_LANE - 1}) AS n;
    CREATE PUBLICATION express_cacheable FOR ALL TABLES`)
  const args = [options.redis, options.keyPrefix, options.database, options.follows ? 'follows' : '']
  const startReader = () => Reader.start(args)
  const startWriter = () => Writer.start(args)
  let readers = await Promise.all(Array.from({ length: READERS }, startReader))
  const spares = Array.from({ length: LANES }, startWriter)
  let version = 0
  const triedWriter = await startWriter()
  const took: number[] = []
  while (took.length < TRIED) {
    const sentAt = performance.now()
    await triedWriter.write(0, 0)
    took.push(performance.now() - sentAt)
  }
  await triedWriter.kill()
  took.sort((one, other) => one - other)
  const diesWithinMs = BEYOND * (took[Math.floor(TRIED / 2)] ?? 0)

  const round = async (lane: number): Promise<void> => {
    const writer = await spares[lane]
    spares[lane] = startWriter()
    const id = lane * ROWS_PER_LANE + random.below(ROWS_PER_LANE)
    version += 1
    await Promise.all(readers.map((reader) => reader.read(id)))
    const [, wasCached] = await random.oneOf(readers).read(id)
    if (wasCached) tally.cached += 1
    void writer?.write(id, version)
    await sleep(random.next() * diesWithinMs)
    await writer?.kill()
    // What is under way has to end first: whoever has died cannot stop it.
    const { rows } = await admin.query('SELECT version FROM items WHERE id = $1 FOR SHARE', [id])
    const committed: number = rows[0].version
    if (committed !== version) tally.beforeCommit += 1
    else if (writer?.hasEvicted) tally.evicted += 1
    else tally.unevicted += 1
    await Promise.all(readers.map((reader) => judge(reader, id, committed)))
    tally.kills += 1
  }

  const judge = async (reader: Reader, id: number, committed: number): Promise<void> => {
    if (!(await reader.wait())) {
      tally.late += 1
      return
    }
    const [read, isHit] = await reader.read(id)
    tally.reads += 1
    if (isHit) tally.hits += 1
    if (read < committed) tally.stale += 1
  }

  const killFollower = async (): Promise<void> => {
    for (const reader of readers) {
      if (!(await reader.isFollowing())) continue
      await reader.kill()
      tally.handovers += 1
      readers = [...readers.filter((other) => other !== reader), await startReader()]
      return
    }
  }

  try {
    while (tally.kills < kills) {
      for (let begun = 0; begun < KILLS_PER_HANDOVER && tally.kills < kills; begun += LANES) {
        await Promise.all(Array.from({ length: LANES }, (_, lane) => round(lane)))
      }
      await killFollower()
      tell(tally)
    }
    return tally
  } finally {
    for (const reader of readers) await reader.kill()
    for (const spare of spares) await (await spare).kill()
  }
}
