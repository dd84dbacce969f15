import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import type { LightAnswer } from '../../support/light-client.js'
import { LightClient } from '../../support/light-client.js'
import { Random } from '../random.js'
import type { AppOptions } from './app-messages.js'
import { keepAsking } from './clients.js'
import { type ForkedApp, forkApp } from './fork-app.js'
import { History, type Question } from './history.js'
import { TABLES, type WriteKind } from './items.js'
import type { BarrierRaceOptions } from './options.js'

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
const PROGRESS_EVERY_MS = 3_000
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
  const databaseUrl = await createDatabase(control.postgresUrl, name)
  const crew = await Crew.start({ redisUrl, databaseUrl, keyPrefix: `${name}:` }, result)
  const http = new LightClient(ANSWER_WITHIN_MS)
  const history = new History()
  const startedAt = performance.now()
  const seconds = (): number => (performance.now() - startedAt) / 1_000
  let isStopping = false
  const clients = Array.from({ length: options.clients }, (_, number) =>
    keepAsking({
      ...{ http, history, random: new Random(options.seed, number), urls: () => crew.urls },
      isStopping: () => isStopping,
      readAnswered: (answer, question, fault) => {
        count(result.reads, answer.xCache)
        if (fault) noteViolation(result, `${seconds().toFixed(1)} s  ${storyOf(answer, question, fault)}`)
      },
      writeAnswered: ({ headers }, kind) => {
        count(result.writes, kind)
        const told = headers['cache-status']
        if (told) count(result.told, /detail="(.*)"/.exec(String(told))?.[1] ?? String(told))
      },
      failed: (error) => crew.noteFailure(error),
    }),
  )
  let toldAt = 0
  const deathEvery = options.operations / (options.deaths + 1)
  try {
    while (operationsOf(result) < options.operations && !control.signal?.aborted) {
      await setTimeout(LOOK_EVERY_MS)
      crew.throwIfCrashed()
      result.seconds = seconds()
      if (result.seconds * 1_000 - toldAt > PROGRESS_EVERY_MS) {
        toldAt = result.seconds * 1_000
        control.onProgress?.(result)
      }
      if (control.untilViolation && result.violations > 0) break
      if (result.deaths < options.deaths && operationsOf(result) > deathEvery * (result.deaths + 1)) {
        await crew.replaceOne()
      }
    }
  } finally {
    isStopping = true
    await Promise.all(clients)
    result.seconds = seconds()
    await crew.stop()
    http.close()
  }
  crew.throwIfCrashed()
  return result
}

export function operationsOf({ reads, writes }: BarrierRaceResult): number {
  return total(reads) + total(writes)
}

export function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, each) => sum + each, 0)
}

/** Where the processes of a race meet. */
type Place = Pick<AppOptions, 'redisUrl' | 'databaseUrl' | 'keyPrefix'>

/** The processes of a race. */
class Crew {
  readonly #place: Place
  readonly #result: BarrierRaceResult
  readonly #random: Random
  #apps: ForkedApp[] = []
  #started = 0
  #crash: Error | undefined

  private constructor(place: Place, result: BarrierRaceResult) {
    this.#place = place
    this.#result = result
    this.#random = new Random(result.options.seed)
  }

  static async start(place: Place, result: BarrierRaceResult): Promise<Crew> {
    const crew = new Crew(place, result)
    const { processes } = result.options
    crew.#apps = await Promise.all(Array.from({ length: processes }, () => crew.#fork()))
    return crew
  }

  get urls(): readonly string[] {
    return this.#apps.map(({ url }) => url)
  }

  /** Kills one in the midst of its work; until another is up, the others are asked. */
  async replaceOne(): Promise<void> {
    const dying = this.#random.oneOf(this.#apps)
    const killed = dying.kill()
    this.#result.deaths++
    this.#apps = this.#apps.filter((app) => app !== dying)
    await killed
    this.#apps.push(await this.#fork())
  }

  noteFailure(error: unknown): void {
    this.#result.failures++
    if (this.#result.options.deaths === 0) this.#crash ??= new Error('a client failed', { cause: error })
  }

  throwIfCrashed(): void {
    if (this.#crash) throw this.#crash
  }

  async stop(): Promise<void> {
    await Promise.all(this.#apps.map((app) => app.stop()))
  }

  #fork(): Promise<ForkedApp> {
    const options: AppOptions = { ...this.#place, race: this.#result.options, number: this.#started++ }
    return forkApp(
      options,
      (waits) => this.#result.waits.push(...waits),
      (error) => {
        this.#crash ??= error
      },
    )
  }
}

async function createDatabase(postgresUrl: string, name: string): Promise<string> {
  await execute(postgresUrl, `CREATE DATABASE ${name}`)
  const url = new URL(postgresUrl)
  url.pathname = name
  await execute(url.href, TABLES)
  return url.href
}

async function execute(url: string, statements: string): Promise<void> {
  const client = new pg.Client(url)
  await client.connect()
  await client.query(statements)
  await client.end()
}

function noteViolation(result: BarrierRaceResult, story: string): void {
  result.violations++
  if (result.stories.length < MAX_STORIES) result.stories.push(story)
}

function storyOf({ xCache }: LightAnswer, question: Question, fault: string): string {
  const asked = question.kind === 'all' ? 'all' : `${question.kind} ${question.id}`
  return `asked for ${asked}, got a ${xCache} with ${fault}`
}

function count<Key extends string>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
