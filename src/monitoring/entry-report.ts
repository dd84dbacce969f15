import type { BrowsedEntry } from '../stores/browsing.js'
import type { EntryReport, RuleReport } from './reports.js'

/** An entry with what the rule of its key says of its age. */
export function entryReport(
  { key, bytes, remainingMs, tags }: BrowsedEntry,
  rule: Pick<RuleReport, 'ttlMs' | 'graceMs'> | undefined,
): EntryReport {
  return {
    ...{ key, bytes, remainingMs, tags: [...tags] },
    ageMs: rule ? Math.max(0, rule.ttlMs + rule.graceMs - remainingMs) : null,
    isStale: rule !== undefined && remainingMs <= rule.graceMs,
  }
}
