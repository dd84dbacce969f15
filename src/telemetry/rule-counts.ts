import type { RuleLabel } from '../engine/cache-event.js'

/** How often each name was counted. */
export type Tally = Map<string, number>

export function count(tally: Tally, name: string, by = 1): void {
  tally.set(name, (tally.get(name) ?? 0) + by)
}

/** What one rule has done. */
export class RuleCounts {
  readonly rule: RuleLabel
  hits = 0
  stale = 0
  misses = 0
  collapsed = 0
  bypasses = 0
  reloads = 0
  stored = 0
  refused = 0
  storedBytes = 0
  failedWrites = 0
  auditedStaleMs = 0
  readonly audits: Tally = new Map()
  readonly bypassReasons: Tally = new Map()
  readonly notStoredReasons: Tally = new Map()

  constructor(rule: RuleLabel) {
    this.rule = rule
  }
}
