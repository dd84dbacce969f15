import type { Unequal } from './compare-answers.js'
import { type Difference, describeAsk, type RuleFigures, type TwinResult } from './result.js'
import type { Ask, Subject } from './subject.js'

/** So many differences are kept with their stories; all are counted. */
const MOST_EXAMPLES = 5

/** So many writes are told with a difference. */
const LAST_WRITES = 4

/** Counts what happens in a run, and keeps what explains it. */
export class Account {
  readonly #seed: number
  readonly #cache: Subject['cache']
  readonly #stopObserving: () => void
  readonly #keys: string[] = []
  readonly #written: string[] = []
  readonly #examples: Difference[] = []
  readonly #writes: Record<string, TwinResult['writes'][string]> = {}
  readonly #compared: Record<string, number> = {}
  readonly #before: readonly RuleFigures[]
  #steps = 0
  #reads = 0
  #hits = 0
  #differences = 0

  constructor(seed: number, cache: Subject['cache']) {
    this.#seed = seed
    this.#cache = cache
    this.#before = cache?.stats().rules ?? []
    this.#stopObserving =
      cache?.observe((event) => {
        if (event.type === 'hit' || event.type === 'stale' || event.type === 'miss')
          this.#keys.push(event.key)
      }) ?? (() => {})
  }

  get steps(): number {
    return this.#steps
  }

  close(): void {
    this.#stopObserving()
  }

  write(ask: Ask, status: number): void {
    this.#steps += 1
    const { succeeded, failed } = this.#writes[ask.name] ?? { succeeded: 0, failed: 0 }
    this.#writes[ask.name] =
      status < 400 ? { succeeded: succeeded + 1, failed } : { succeeded, failed: failed + 1 }
    this.#written.push(`${describeAsk(ask)}: ${status}`)
    if (this.#written.length > LAST_WRITES) this.#written.shift()
  }

  beginRead(): void {
    this.#keys.length = 0
  }

  /** The keys looked up since the read began. */
  endRead(): readonly string[] {
    return this.#keys.splice(0)
  }

  read(ask: Ask, xCache: string, keys: readonly string[], unequal: Unequal | undefined): void {
    this.#steps += 1
    this.#reads += 1
    this.#compared[ask.name] = (this.#compared[ask.name] ?? 0) + 1
    if (xCache === 'HIT') this.#hits += 1
    if (!unequal) return
    this.#differences += 1
    if (this.#examples.length >= MOST_EXAMPLES) return
    const where = { seed: this.#seed, step: this.#steps, ask, xCache, keys }
    this.#examples.push({ ...where, ...unequal, writes: [...this.#written] })
  }

  result(): TwinResult {
    return {
      ...{ seed: this.#seed, steps: this.#steps, reads: this.#reads, hits: this.#hits },
      ...{ differences: this.#differences, examples: this.#examples },
      ...{ writes: this.#writes, compared: this.#compared, rules: this.#rules() },
    }
  }

  /** Since the run began. */
  #rules(): RuleFigures[] {
    const rules = this.#cache?.stats().rules ?? []
    return rules.map(({ key, hits, misses, bypasses }) => {
      const before = this.#before.find((rule) => rule.key === key)
      return {
        ...{ key, hits: hits - (before?.hits ?? 0) },
        ...{ misses: misses - (before?.misses ?? 0), bypasses: bypasses - (before?.bypasses ?? 0) },
      }
    })
  }
}
