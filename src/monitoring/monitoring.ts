import type { Engine } from '../engine/engine.js'
import { type Gathering, MOST_ANSWER_BYTES, type OpenQuestion } from '../stores/gathering.js'
import { tellGuarded } from '../tools/guarded.js'
import { realTime } from '../tools/real-time.js'
import { reportText, valueIn } from './report-text.js'
import type { ProcessReport } from './reports.js'

/** What all processes are asked; plain JSON. */
export interface Question {
  readonly kind: string
  readonly [field: string]: unknown
}

/** As long as the store remembers that somebody looks. */
const LOOKED_AT_FOR_MS = 5_000
/** Whoever asks again is answered again; questions are open for some seconds. */
const REMEMBERED_QUESTIONS = 100

/**
 * What this process says of itself to whoever looks: the dashboard of this or of another process, the command line. While
 * nobody looks it says and computes nothing.
 */
export class Monitoring {
  readonly #engine: Pick<Engine, 'gathering'>
  readonly #answered = new Set<string>()
  #reportOf: (() => ProcessReport) | null = null
  #answerTo: ((question: Question) => unknown) | null = null
  #made: ProcessReport | null = null
  #isWatchedElsewhere = false
  #isReporting = false
  #localLook: NodeJS.Timeout | null = null
  #isWatched = false

  constructor(engine: Pick<Engine, 'gathering' | 'onWatched'>) {
    this.#engine = engine
    engine.onWatched((isWatched) => this.#hear(isWatched))
  }

  /** One function, so that the process is not warned of the same each second. */
  readonly #make = (): void => {
    this.#made = this.#reportOf?.() ?? null
  }

  /** Whether somebody looks, in this process or, by its last heartbeat, in another. */
  get isWatched(): boolean {
    return this.#isWatched
  }

  /**
   * Sets the one function that makes the report of this process. It is called once a second while somebody looks, and by
   * each who looks in this process: what it gives must not depend on what it gave before.
   */
  onReport(reportOf: () => ProcessReport): void {
    this.#reportOf = reportOf
  }

  /** Sets the one function that answers what all processes are asked; `null` or `undefined`: this one has no answer. */
  onQuestion(answerTo: (question: Question) => unknown): void {
    this.#answerTo = answerTo
  }

  /** Says for some seconds that somebody looks in this process. */
  noteLook(): void {
    realTime.clearTimeout(this.#localLook ?? undefined)
    this.#localLook = realTime.setTimeout(() => {
      this.#localLook = null
      this.#isWatched = this.#isWatchedElsewhere
    }, LOOKED_AT_FOR_MS)
    this.#localLook.unref()
    this.#isWatched = true
  }

  /** What this process says of itself; `null`: nothing. Never throws. */
  report(): ProcessReport | null {
    this.#made = null
    tellGuarded('the report of a process', this.#make)
    return this.#made
  }

  /** What this process answers; `null`: nothing. Never rejects. */
  async answer(id: string, question: Question): Promise<unknown> {
    this.#note(id)
    try {
      return (await this.#answerTo?.(question)) ?? null
    } catch {
      return null
    }
  }

  close(): void {
    realTime.clearTimeout(this.#localLook ?? undefined)
    this.#isWatched = false
    this.#reportOf = null
    this.#answerTo = null
  }

  #hear(isWatched: boolean): void {
    this.#isWatchedElsewhere = isWatched
    this.#isWatched = isWatched || this.#localLook !== null
    if (isWatched && !this.#isReporting) void this.#tell()
  }

  async #tell(): Promise<void> {
    const { gathering } = this.#engine
    const report = gathering && this.report()
    const text = report && reportText(report)
    if (!gathering || !text) return
    this.#isReporting = true
    try {
      const questions = await gathering.report(text)
      // An answer that never comes must not keep the next report.
      for (const question of questions) void this.#tellAnswer(gathering, question)
    } catch {
      // The next heartbeat brings the next.
    } finally {
      this.#isReporting = false
    }
  }

  async #tellAnswer(gathering: Gathering, { id, text }: OpenQuestion): Promise<void> {
    if (this.#answered.has(id)) return
    this.#note(id)
    const question = valueIn(text)
    try {
      // Whoever asks waits for no process that has nothing to say.
      const answer = isQuestion(question) ? textOf(await this.answer(id, question)) : NOTHING
      await gathering.answer(id, answer)
    } catch {
      // Whoever asks goes on without it.
    }
  }

  #note(id: string): void {
    this.#answered.add(id)
    if (this.#answered.size <= REMEMBERED_QUESTIONS) return
    for (const oldest of this.#answered) {
      this.#answered.delete(oldest)
      return
    }
  }
}

const NOTHING = 'null'

/** @throws Error if it has no JSON. */
function textOf(answer: unknown): string {
  const text = JSON.stringify(answer) ?? NOTHING
  return Buffer.byteLength(text) <= MOST_ANSWER_BYTES ? text : NOTHING
}

function isQuestion(value: unknown): value is Question {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string'
}
