import type { Random } from '../../consistency/random.js'
import { until } from '../../support/until.js'
import type { Cell } from './cell.js'
import { goOn } from './rows.js'
import { Stage } from './stage.js'
import { type Verdict, Watch } from './watch.js'

/** For how long an intent stands, and a lease. */
const LEASE_MS = 2_000
/** How long is looked on once the fault is over: others deliver within a second. */
const LOOK_ON_MS = 2_500
/** And where a writer died whom others have to miss, which takes five seconds at most. */
const UNTIL_MISSED_MS = 3_500
/** So many questions without an answer open a circuit. */
const SILENCES = 5
const ALL_THE_TIME_MS = 3
/** Too seldom to open a circuit in half a second. */
const SELDOM_MS = 200

export interface Outcome extends Verdict {
  readonly runs: number
  /** In how many of them there was an old answer. */
  readonly failed: number
  /** Whether writes were answered, so that old answers beyond the bound break a promise. */
  readonly isPromised: boolean
  /** For how long they may be old all the same. */
  readonly mayBeOldForMs: number
}

/** Runs a cell so often, on one stage. @param client - The kind that its processes use; none: they are given a URL. */
export async function runCell(cell: Cell, runs: number, random: Random, client?: string): Promise<Outcome> {
  const stage = await Stage.open({
    client,
    processes: cell.processes,
    redisArgs: cell.fault.redisArgs ?? [],
    cache: { leaseMs: LEASE_MS, ...(cell.crashSafe ? { crashSafe: true } : {}) },
  })
  try {
    await cell.fault.prepare?.(stage)
    const verdicts: Verdict[] = []
    for (let run = 0; run < runs; run++) verdicts.push(await runOnce(cell, stage, random))
    return { ...sumOf(verdicts), runs, isPromised: isPromised(cell), mayBeOldForMs: mayBeOldForMs(cell) }
  } finally {
    await stage.close()
  }
}

/** A write that was not answered promises something only where the rule says so. */
export function isPromised(cell: Cell): boolean {
  return cell.crashSafe || isAnswered(cell)
}

function isAnswered({ death }: Cell): boolean {
  return death === 'never' || death === 'after its answer'
}

/** What is stated as an exception, for as long as it is. */
function mayBeOldForMs({ fault, death }: Cell): number {
  return fault.othersKnowWithinMs?.(death === 'never') ?? 0
}

/** Whether anybody got what the documentation rules out. */
export function breaksPromise({ isPromised, old, oldForMs, mayBeOldForMs }: Outcome): boolean {
  return isPromised && old > 0 && oldForMs > mayBeOldForMs
}

async function runOnce(cell: Cell, stage: Stage, random: Random): Promise<Verdict> {
  const { fault } = cell
  const row = stage.newRow()
  await stage.settle(row)
  const watch = new Watch(row)
  const [quiet, ...busy] = stage.readers
  for (const player of busy) watch.begin(player, ALL_THE_TIME_MS)
  const beginQuiet = () => quiet && watch.begin(quiet, ALL_THE_TIME_MS)
  if (quiet && random.chance(0.3)) watch.begin(quiet, SELDOM_MS)

  const begunAt = performance.now()
  await fault.begin(stage)
  if (cell.hasNoticed) await makeNotice(stage)
  const since = await write(cell, stage, row, random)
  if (cell.death === 'after its answer') await stage.writer.kill()
  if (fault.readersBegin === 'answered') beginQuiet()
  await goOn(Math.max(0, begunAt + fault.lastsMs - performance.now()))
  await fault.end(stage)
  if (fault.readersBegin === 'over') beginQuiet()
  await goOn((fault.lookOnMs ?? LOOK_ON_MS) + (isAnswered(cell) ? 0 : UNTIL_MISSED_MS))
  // On a busy machine they are back later, and before there are hits nothing old could be served.
  if (!fault.staysAway) await until('hits after the fault', () => watch.hasHitSince(since))
  await watch.end()
  await fault.reset?.(stage)
  return watch.judge(stage.rows.version(row), since)
}

/** @returns From when on nobody may get what was there before. */
async function write(cell: Cell, stage: Stage, row: string, random: Random): Promise<number> {
  const { death } = cell
  if (death === 'never' || death === 'after its answer') {
    await stage.writer.write(row)
    return performance.now()
  }
  const dies = diesAt(stage, death, random)
  stage.writer.write(row).catch(() => {})
  return dies
}

/** Kills the writer in the middle of its write. @returns When the write was committed, or would have been. */
function diesAt(stage: Stage, moment: Exclude<Cell['death'], 'never' | 'after its answer'>, random: Random) {
  const { rows, writer } = stage
  return new Promise<number>((resolve, reject) => {
    if (moment === 'while it commits') {
      rows.beforeCommit = async () => {
        rows.beforeCommit = async () => {}
        await writer.kill().catch(reject)
        // The commit is what comes next.
        resolve(performance.now())
      }
      return
    }
    rows.afterCommit = async () => {
      rows.afterCommit = async () => {}
      const committedAt = performance.now()
      const kill = () => writer.kill().then(() => resolve(committedAt), reject)
      if (moment === 'after its commit') await kill()
      // From the moment in which the handler is told, anywhere up to its answer.
      else setTimeout(kill, random.below(4))
    }
  })
}

/** Requests that wait in vain, until the circuit of the writer is open. */
async function makeNotice({ writer }: Stage): Promise<void> {
  await Promise.all(Array.from({ length: SILENCES + 1 }, (_, nth) => writer.read(`other-${nth}`)))
  await until('the writer to notice', async () => (await writer.status()).circuit !== 'closed', {
    deadlineMs: 1_000,
    everyMs: 5,
  })
}

function sumOf(verdicts: readonly Verdict[]): Verdict & { failed: number } {
  const sum = (field: 'judged' | 'hits' | 'old') =>
    verdicts.reduce((total, verdict) => total + verdict[field], 0)
  return {
    judged: sum('judged'),
    hits: sum('hits'),
    old: sum('old'),
    oldForMs: Math.max(0, ...verdicts.map(({ oldForMs }) => oldForMs)),
    failed: verdicts.filter(({ old }) => old > 0).length,
  }
}
