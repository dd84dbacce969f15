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

  /** Of one rule; undefined where none of its hits was to be audited. */
  of(rule: RuleLabel): AuditAccounts | undefined {
    const counts = this.#byRule
      .list()
      .find((one) => one.rule.where === rule.where && one.rule.key === rule.key)
    return counts && accountsOf(counts)
  }

  statistics(): AuditStatistics {
    const all = this.#byRule.list()
    const rules = all.map((counts) => ({
      ...{ where: counts.rule.where, key: counts.rule.key },
      ...accountsOf(counts),
    }))
    return { ...sumOfAudits(rules), rules }
  }
}

/** What audits of several rules, or in several processes, come to. */
export function sumOfAudits(all: readonly AuditAccounts[]): AuditAccounts {
  const sum = (field: keyof AuditAccounts): number => all.reduce((total, one) => total + one[field], 0)
  return {
    ...{ lookedAt: sum('lookedAt'), agreed: sum('agreed'), settled: sum('settled') },
    ...{ stale: sum('stale'), unclear: sum('unclear'), skipped: sum('skipped') },
    longestStaleMs: Math.max(0, ...all.map(({ longestStaleMs }) => longestStaleMs)),
  }
}

function countsOf(rule: RuleLabel): Counts {
  return { rule, agreed: 0, settled: 0, stale: 0, unclear: 0, skipped: 0, longestStaleMs: 0 }
}

function accountsOf({ agreed, settled, stale, unclear, skipped, longestStaleMs }: Counts): AuditAccounts {
  const lookedAt = agreed + settled + stale + unclear
  return { lookedAt, agreed, settled, stale, unclear, skipped, longestStaleMs }
}
