import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { LightAnswer } from '../../support/light-client.js'
import { LightClient } from '../../support/light-client.js'
import { Random } from '../random.js'
import { type Client, keepAsking } from './clients.js'
import { Crew } from './crew.js'
import { History, type Question } from './history.js'
import type { WriteKind } from './items.js'
import type { BarrierRaceOptions } from './options.js'
import { createDatabase } from './race-database.js'

/** What a race has seen so far. */
export interface BarrierRaceResult {
  readonly options: BarrierRaceOptions
  /** By their `X-Cache`. */
  readonly reads: Map<string, number>
  readonly writes: Map<WriteKind, number>
  /** Writes by what their `Cache-Status` says: that the follower was late, or that evictions are kept. */
  readonly told: Map<string, number>
  /** In milliseconds, at the barrier. */
  readonly waits: number[]
  /** Unanswered, or answered with an error: only where processes are killed. */
  failures: number
  deaths: number
  violations: number
  /** The first. */
  readonly stories: string[]
  seconds: number
}

export interface BarrierRaceControl {
  readonly redisUrl: string
  /** Of one with `wal_level=logical`; the race makes a database of its own in it. */
  readonly postgresUrl: string
  readonly signal?: AbortSignal
  /** Hears every few seconds how it goes. */
  readonly onProgress?: (result: BarrierRaceResult) => void
  /** Ends the race with the first violation. */
  readonly untilViolation?: boolean
}

const MAX_STORIES = 20
const PROGRESS_EVERY_SECONDS = 3
/** A bound against hanging. */
const ANSWER_WITHIN_MS = 60_000
const LOOK_EVERY_MS = 20

/** Lets clients of several processes read and write until so many have been answered, and judges every answer. */
export async function barrierRace(
  options: BarrierRaceOptions,
  control: BarrierRaceControl,
): Promise<BarrierRaceResult> {
  const result: BarrierRaceResult = {
    ...{ options, reads: new Map(), writes: new Map(), told: new Map(), waits: [] },
    ...{ failures: 0, deaths: 0, violations: 0, stories: [], seconds: 0 },
  }
  const name = `barrier_${randomBytes(6).toString('hex')}`
  const { redisUrl } = control
  const databaseUrl = await createDatabase(control.postgresUrl, name, options)
  const crew = await Crew.start({ redisUrl, databaseUrl, keyPrefix: `${name}:` }, result)
  const http = new LightClient(ANSWER_WITHIN_MS)
  const history = new History()
  const startedAt = performance.now()
  let isStopping = false
  const clients = Array.from({ length: options.clients }, (_, number) =>
    keepAsking({
      ...{ http, history, random: new Random(options.seed, number), urls: () => crew.urls },
      ...{ isStopping: () => isStopping, failed: (error) => crew.noteFailure(error) },
      ...accountsOf(result),
    }),
  )
  try {
    await untilOver(result, control, crew, startedAt)
  } finally {
    isStopping = true
    await Promise.all(clients)
    await crew.stop()
    http.close()
  }
  crew.throwIfCrashed()
  return result
}

async function untilOver(
  result: BarrierRaceResult,
  { signal, onProgress, untilViolation }: BarrierRaceControl,
  crew: Crew,
  startedAt: number,
): Promise<void> {
  const { operations, deaths } = result.options
  const deathEvery = operations / (deaths + 1)
  let toldAt = 0
  while (operationsOf(result) < operations && !signal?.aborted) {
    await setTimeout(LOOK_EVERY_MS)
    crew.throwIfCrashed()
    result.seconds = (performance.now() - startedAt) / 1_000
    if (result.seconds - toldAt > PROGRESS_EVERY_SECONDS) {
      toldAt = result.seconds
      onProgress?.(result)
    }
    if (untilViolation && result.violations > 0) return
    if (result.deaths < deaths && operationsOf(result) > deathEvery * (result.deaths + 1)) {
      await crew.replaceOne()
    }
  }
}

function accountsOf(result: BarrierRaceResult): Pick<Client, 'readAnswered' | 'writeAnswered'> {
  return {
    readAnswered(answer, question, fault) {
      count(result.reads, answer.xCache)
      if (fault) noteViolation(result, storyOf(answer, question, fault))
    },
    writeAnswered({ headers }, kind) {
      count(result.writes, kind)
      const told = headers['cache-status']
      if (told) count(result.told, /detail="(.*)"/.exec(String(told))?.[1] ?? String(told))
    },
  }
}

export function operationsOf({ reads, writes }: BarrierRaceResult): number {
  return total(reads) + total(writes)
}

export function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, each) => sum + each, 0)
}

function noteViolation(result: BarrierRaceResult, story: string): void {
  result.violations++
  if (result.stories.length < MAX_STORIES)
    result.stories.push(`${result.seconds.toFixed(1).padStart(6)} s  ${story}`)
}

function storyOf({ xCache }: LightAnswer, question: Question, fault: string): string {
  const asked = question.kind === 'all' ? 'all' : `${question.kind} ${question.id}`
  return `asked for ${asked}, got a ${xCache} with ${fault}`
}

function count<Key extends string>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
