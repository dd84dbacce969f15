import { Random } from '../../consistency/random.js'
import { LightClient } from '../../support/light-client.js'
import { Account } from './account.js'
import { compareAnswers } from './compare-answers.js'
import type { TwinResult } from './result.js'
import type { Ask, Subject } from './subject.js'

export interface TwinOptions {
  /** Requests, the second ones of a comparison not counted. */
  readonly steps: number
  /** Of all choices. With one request at a time, the same seed gives the same run. */
  readonly seed: number
  /** How many of a hundred steps are writes. */
  readonly writesOfHundred?: number
  /** So many reads go out with each write, at the same time; they are compared once all is quiet. 0: one by one. */
  readonly atOnce?: number
  readonly signal?: AbortSignal
  /** Hears how far it is, every few hundred steps. */
  readonly onProgress?: (soFar: TwinResult) => void
}

const WRITES_OF_HUNDRED = 20
const PROGRESS_EVERY = 500

/** Against hanging. */
const TIMEOUT_MS = 30_000

/**
 * Lets several people write and read at random through an application with a cache, and compares what each read is
 * answered with what the same application answers without one.
 */
export async function runTwin(subject: Subject, options: TwinOptions): Promise<TwinResult> {
  const run = new Run(subject, options)
  try {
    return await run.toEnd()
  } finally {
    run.close()
  }
}

class Run {
  readonly #subject: Subject
  readonly #options: TwinOptions
  readonly #random: Random
  readonly #client = new LightClient(TIMEOUT_MS)
  readonly #account: Account

  constructor(subject: Subject, options: TwinOptions) {
    this.#subject = subject
    this.#options = options
    this.#random = new Random(options.seed)
    this.#account = new Account(options.seed, subject.cache)
  }

  async toEnd(): Promise<TwinResult> {
    const { steps, signal, onProgress, atOnce = 0 } = this.#options
    let told = 0
    while (this.#account.steps < steps && !signal?.aborted) {
      if (atOnce > 0) await this.#round(atOnce)
      else await this.#step()
      if (onProgress && this.#account.steps >= told + PROGRESS_EVERY) {
        told = this.#account.steps
        onProgress(this.#account.result())
      }
    }
    return this.#account.result()
  }

  close(): void {
    this.#account.close()
    this.#client.close()
  }

  async #step(): Promise<void> {
    const { writesOfHundred = WRITES_OF_HUNDRED } = this.#options
    const { cast } = this.#subject
    if (this.#random.chance(writesOfHundred / 100)) await this.#write(cast.write(this.#random))
    else await this.#compare(cast.read(this.#random))
  }

  /** A write, with reads around it that may load what it changes; what they have left is looked at afterwards. */
  async #round(atOnce: number): Promise<void> {
    const { cast } = this.#subject
    const write = cast.write(this.#random)
    const reads = Array.from({ length: atOnce }, () => cast.read(this.#random))
    const before = reads.slice(0, this.#random.below(atOnce + 1))
    const asked = before.map((ask) => this.#ask(this.#subject.cachedUrl, ask))
    asked.push(this.#write(write).then(() => this.#ask(this.#subject.cachedUrl, cast.read(this.#random))))
    asked.push(...reads.slice(before.length).map((ask) => this.#ask(this.#subject.cachedUrl, ask)))
    await Promise.all(asked)
    for (const ask of reads) await this.#compare(ask)
  }

  async #write(ask: Ask): Promise<void> {
    const answer = await this.#ask(this.#subject.cachedUrl, ask)
    if (answer.status >= 500) throw new Error(`${ask.method} ${ask.path}: ${answer.status} ${answer.text}`)
    this.#account.write(ask, answer.status)
    this.#subject.cast.learn?.(ask, answer)
  }

  async #compare(ask: Ask): Promise<void> {
    this.#account.beginRead()
    const answered = await this.#ask(this.#subject.cachedUrl, ask)
    const keys = this.#account.endRead()
    const expected = await this.#ask(this.#subject.bareUrl, ask)
    if (expected.status >= 500) throw new Error(`${ask.path} without a cache: ${expected.status}`)
    const difference = compareAnswers(answered, expected, this.#subject)
    this.#account.read(ask, answered.xCache, keys, difference)
  }

  #ask(url: string, { method, path, headers, body }: Ask) {
    return this.#client.ask(method, url + path, { headers, body })
  }
}
