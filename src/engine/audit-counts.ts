import { ByRule } from './by-rule.js'
import type { CacheEvent, RuleLabel } from './cache-event.js'

/** Hits that were asked again behind their answers. */
export interface AuditAccounts {
  /** All that agreed, settled, were stale or unclear. What waits to be looked at again is in none of them yet. */
  readonly lookedAt: number
  readonly agreed: number
  /** Differed, and the entry went, was replaced or agreed within a minute. */
  readonly settled: number
  /** Differed for a minute and more from an entry that has not changed. */
  readonly stale: number
  /** Gave nothing that could be compared. */
  readonly unclear: number
  /** Were of the sample and not asked again: another audit was under way, or the process was under pressure. */
  readonly skipped: number
  /** The longest time for which an entry is known to have been stale. */
  readonly longestStaleMs: number
}

export interface AuditStatistics extends AuditAccounts {
  /** Those of which hits were to be audited. */
  readonly rules: readonly (RuleLabel & AuditAccounts)[]
}

type Counts = Record<Extract<CacheEvent, { type: 'audit' }>['outcome'] | 'longestStaleMs', number> & {
  readonly rule: RuleLabel
}

/** Counts what audits come to, by rule. */
export class AuditCounts {
  readonly #byRule = new ByRule<Counts>(countsOf)

  add({ rule, outcome, staleForMs = 0 }: Extract<CacheEvent, { type: 'audit' }>): void {
    const counts = this.#byRule.of(rule)
    counts[outcome] += 1
    counts.longestStaleMs = Math.max(counts.longestStaleMs, staleForMs)
  }

  /** Of each rule of which hits were to be audited. */
  list(): readonly { readonly rule: RuleLabel; readonly accounts: AuditAccounts }[] {
    return this.#byRule.list().map((counts) => ({ rule: counts.rule, accounts: accountsOf(counts) }))
  }

  statistics(): AuditStatistics {
    const all = this.#byRule.list()
    const sums = countsOf({ where: '', key: '' })
    for (const counts of all) {
      for (const outcome of OUTCOMES) sums[outcome] += counts[outcome]
      sums.longestStaleMs = Math.max(sums.longestStaleMs, counts.longestStaleMs)
    }
    const rules = all.map((counts) => ({
      ...{ where: counts.rule.where, key: counts.rule.key },
      ...accountsOf(counts),
    }))
    return { ...accountsOf(sums), rules }
  }
}

const OUTCOMES = ['agreed', 'settled', 'stale', 'unclear', 'skipped'] as const

function countsOf(rule: RuleLabel): Counts {
  return { rule, agreed: 0, settled: 0, stale: 0, unclear: 0, skipped: 0, longestStaleMs: 0 }
}

function accountsOf({ agreed, settled, stale, unclear, skipped, longestStaleMs }: Counts): AuditAccounts {
  const lookedAt = agreed + settled + stale + unclear
  return { lookedAt, agreed, settled, stale, unclear, skipped, longestStaleMs }
}
