import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'
import type { ReasonReport, RuleReport } from './reports.js'
import { addTableOf } from './table-of-tag.js'

/** Of one rule; some have a value of the request's in them. */
const MOST_REASONS = 50
/** Stands for the rest. */
const OTHER = 'other'

type Reason = Pick<ReasonReport, 'kind' | 'reason'> & { count: number }

/** What one rule for reading has done in this process, beside its accounts. */
export class RuleRecord {
  readonly label: RuleLabel
  refusedFills = 0
  storedBytes = 0
  evictions = 0
  /** Of what was stored last, its grace included; `undefined` before. */
  lifetimeMs: number | undefined
  biggest: RuleReport['biggest'] = null
  /** That its entries were made from, as far as they said so. */
  readonly tables = new Set<string>()
  readonly #reasons = new Map<string, Reason>()

  constructor(label: RuleLabel) {
    this.label = label
  }

  addFill({ key, bytes, ttlMs, tags }: Extract<CacheEvent, { type: 'fill' }>): void {
    this.storedBytes += bytes
    this.lifetimeMs = ttlMs
    if (bytes > (this.biggest?.bytes ?? -1)) this.biggest = { key, bytes }
    for (const tag of tags) addTableOf(tag, this.tables)
  }

  forget(isNamed: (text: string) => boolean): void {
    if (this.biggest && isNamed(this.biggest.key)) this.biggest = null
  }

  addReason(kind: Reason['kind'], reason: string): void {
    const id = `${kind} ${reason}`
    const known = this.#reasons.get(id)
    if (known) known.count += 1
    else if (this.#reasons.size < MOST_REASONS || reason === OTHER)
      this.#reasons.set(id, { kind, reason, count: 1 })
    else this.addReason(kind, OTHER)
  }

  /** The most frequent first. */
  reasons(): readonly Reason[] {
    return [...this.#reasons.values()].sort((one, other) => other.count - one.count)
  }
}
