import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Random } from '../../consistency/random.js'
import { startProcess, type TestProcess } from '../../support/child-process.js'
import { until } from '../../support/until.js'
import { goOn } from '../in-touch/rows.js'
import { Watch } from '../in-touch/watch.js'
import { openReaders, type Reader } from './readers.js'
import { WritersDatabase } from './writers-database.js'

export interface MomentsOptions {
  readonly redis: string
  readonly moments: number
  readonly seed: number
  readonly crashSafe: boolean
  /** Told after each round. */
  readonly onRound?: (tally: Tally) => void
}

/** Where in their writes the writers died. */
export interface Tally {
  killed: number
  beforeCommit: number
  /** Committed, and not answered. */
  unanswered: number
  answered: number
  /** Answers to questions after the commit. */
  judged: number
  hits: number
  /** Those of them that are older than the write. */
  old: number
  oldForMs: number
  /** In how many writes there was an old answer. */
  broken: number
  /** How many were committed later than the mark stands, which covers them no more: they are not judged. */
  uncovered: number
  /** How it came to the first old answer. */
  story: string
}

/** For so long a mark stands. Less than it takes until a vanished process is missed. */
export const LEASE_MS = 1_000
const AT_ONCE = 8
const READ_EVERY_MS = 8
/** After the step of the write that was chosen. */
const DIES_WITHIN_MS = 12
const WARM_UP_WRITES = 3
const MOMENTS = ['sent', 'asked', 'committed', 'told'] as const
const APP = fileURLToPath(new URL('../in-touch/app-process.js', import.meta.url))

interface Writer {
  readonly process: TestProcess
  readonly url: string
}

/** Kills processes in the midst of a write, each at a random moment, while others read the row all the time. */
export async function crashMoments(options: MomentsOptions): Promise<Tally> {
  const random = new Random(options.seed)
  const database = new WritersDatabase(random)
  await database.open()
  const readers = await openReaders(options.redis, LEASE_MS, database)
  const tally: Tally = {
    ...{ killed: 0, beforeCommit: 0, unanswered: 0, answered: 0 },
    ...{ judged: 0, hits: 0, old: 0, oldForMs: 0, broken: 0, uncovered: 0, story: '' },
  }
  const startAll = (count: number) =>
    Promise.all(Array.from({ length: count }, () => startWriter(options, database)))
  let writers = startAll(Math.min(AT_ONCE, options.moments))
  try {
    for (let first = 0; first < options.moments; first += AT_ONCE) {
      const now = await writers
      // The next start while these die.
      writers = startAll(Math.max(0, Math.min(AT_ONCE, options.moments - first - AT_ONCE)))
      await Promise.all(
        now.map((writer, nth) => runMoment(`${first + nth}`, writer, readers, { database, random, tally })),
      )
      options.onRound?.(tally)
    }
    return tally
  } finally {
    for (const writer of await writers) await writer.process.stop()
    await Promise.all(readers.map((reader) => reader.close()))
    await database.close()
  }
}

interface Scene {
  readonly database: WritersDatabase
  readonly random: Random
  readonly tally: Tally
}

async function runMoment(
  row: string,
  writer: Writer,
  readers: readonly Reader[],
  scene: Scene,
): Promise<void> {
  const { database, random, tally } = scene
  const moment = random.oneOf(MOMENTS)
  const afterMs = random.next() * DIES_WITHIN_MS
  await Promise.all(readers.map((reader) => hits(reader, row, 1)))
  const watch = new Watch(row)
  for (const reader of readers) watch.begin(reader, READ_EVERY_MS)

  const reached = moment === 'sent' ? undefined : once(database.steps, `${row} ${moment}`)
  let isAnswered = false
  const sentAt = performance.now()
  fetch(`${writer.url}/rows/${row}`, { method: 'PUT' }).then(
    () => {
      isAnswered = true
    },
    () => {},
  )
  await reached
  await goOn(afterMs)
  process.kill(writer.process.pid, 'SIGKILL')
  const isCommitted = database.committedAt(row) !== undefined
  await writer.process.stop()

  await goOn(LEASE_MS)
  // The mark is void by now, and loads are stored again.
  await Promise.all(readers.map((reader) => hits(reader, row, database.version(row))))
  await watch.end()
  tally.killed += 1
  const committedAt = database.committedAt(row)
  if (committedAt !== undefined && committedAt - sentAt > LEASE_MS) {
    tally.uncovered += 1
    return
  }
  const verdict = watch.judge(database.version(row), committedAt ?? Number.POSITIVE_INFINITY)
  tally[isAnswered ? 'answered' : isCommitted ? 'unanswered' : 'beforeCommit'] += 1
  for (const field of ['judged', 'hits', 'old'] as const) tally[field] += verdict[field]
  tally.oldForMs = Math.max(tally.oldForMs, verdict.oldForMs)
  if (verdict.old === 0) return
  tally.broken += 1
  tally.story ||= [
    `row ${row}, killed ${afterMs} ms after it was ${moment}; sent ${sentAt - (committedAt ?? 0)} ms after its commit`,
    watch.story(committedAt ?? 0),
    writer.process.output(),
  ].join('\n')
}

function hits(reader: Reader, row: string, version: number): Promise<void> {
  return until(`hits of row ${row} by ${reader.name}`, async () => {
    const answer = await reader.read(row)
    return answer.xCache === 'HIT' && answer.version === version
  })
}

async function startWriter({ redis, crashSafe }: MomentsOptions, database: WritersDatabase): Promise<Writer> {
  const cache = { redis, leaseMs: LEASE_MS, deadlineMs: 2_000, crashSafe }
  const args = JSON.stringify({ options: cache, database: database.url })
  const child = await startProcess(process.execPath, [APP, args])
  await until('a writer to listen', () => {
    if (child.exitCode() !== undefined) throw new Error(child.output())
    return /^\d+\n/m.test(child.output())
  })
  const url = `http://127.0.0.1:${Number.parseInt(/^(\d+)\n/m.exec(child.output())?.[1] ?? '', 10)}`
  // What runs for the first time takes longer than all that a moment is chosen from.
  for (let nth = 0; nth < WARM_UP_WRITES; nth++) await fetch(`${url}/rows/warm-up`, { method: 'PUT' })
  return { process: child, url }
}
