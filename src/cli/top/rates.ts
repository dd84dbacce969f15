import { bucketsSince, latencyReport, sumOfBuckets } from '../../engine/latencies.js'
import type { ProcessReport, RuleReport } from '../../monitoring/reports.js'

/** What all processes together did a second of late; by rule, or in all. */
export interface Rates {
  readonly requests: number
  readonly hits: number
  readonly misses: number
  readonly bypasses: number
  readonly hitP50Ms: number | null
  readonly hitP99Ms: number | null
  readonly loadP50Ms: number | null
  readonly loadP99Ms: number | null
}

export interface RuleRates extends Rates {
  readonly name: string
  readonly key: string
  /** Stored since the processes began. */
  readonly storedBytes: number
}

/** Two reports of one process, one after the other. */
interface Step {
  readonly before: ProcessReport
  readonly now: ProcessReport
}

/** What one rule did in one process between two reports. */
interface Change {
  readonly rule: RuleReport
  readonly before: RuleReport | undefined
  readonly seconds: number
}

/**
 * What processes do a second, by the last two reports of each. A process says something new once a second or so, and who
 * looks may come twice in between: so the older of two reports is kept until there is a newer one.
 */
export class RateTracker {
  readonly #steps = new Map<string, Step>()

  /** @param reports - Of all processes that there are. */
  note(reports: readonly ProcessReport[]): void {
    const known = new Map(reports.map((report) => [report.id, report]))
    for (const id of this.#steps.keys()) if (!known.has(id)) this.#steps.delete(id)
    for (const [id, now] of known) {
      const step = this.#steps.get(id)
      if (!step) this.#steps.set(id, { before: now, now })
      else if (now.at > step.now.at) this.#steps.set(id, { before: step.now, now })
    }
  }

  /** Of each rule that a process has. */
  rules(): RuleRates[] {
    const changes = new Map<string, Change[]>()
    for (const step of this.#steps.values()) {
      for (const change of changesOf(step)) {
        const { name, where, key } = change.rule
        const id = JSON.stringify([name, where, key])
        changes.set(id, [...(changes.get(id) ?? []), change])
      }
    }
    return [...changes.values()].flatMap((ofRule) => {
      const [first] = ofRule
      if (!first) return []
      const storedBytes = ofRule.reduce((sum, { rule }) => sum + rule.storedBytes, 0)
      return [{ name: first.rule.name, key: first.rule.key, storedBytes, ...ratesOf(ofRule) }]
    })
  }

  /** Of all rules together. */
  all(): Rates {
    return ratesOf([...this.#steps.values()].flatMap(changesOf))
  }
}

function changesOf({ before, now }: Step): Change[] {
  const seconds = (now.at - before.at) / 1_000
  return now.rules.map((rule) => ({
    rule,
    before: before.rules.find((each) => each.where === rule.where && each.key === rule.key),
    seconds,
  }))
}

function ratesOf(changes: readonly Change[]): Rates {
  const perSecond = (field: 'hits' | 'misses' | 'bypasses') =>
    changes.reduce((sum, { rule, before, seconds }) => {
      // One that has begun anew, or said so for the first time, has no rate yet.
      const more = seconds > 0 ? rule[field] - (before?.[field] ?? 0) : 0
      return sum + Math.max(0, more / (seconds || 1))
    }, 0)
  const latencies = (field: 'hitLatency' | 'loadLatency') =>
    latencyReport(
      sumOfBuckets(
        changes.map(({ rule, before }) => bucketsSince(rule[field].buckets, before?.[field].buckets ?? [])),
      ),
    )
  const [hits, misses, bypasses] = [perSecond('hits'), perSecond('misses'), perSecond('bypasses')]
  const [hit, load] = [latencies('hitLatency'), latencies('loadLatency')]
  return {
    ...{ requests: hits + misses + bypasses, hits, misses, bypasses },
    ...{ hitP50Ms: hit.p50Ms, hitP99Ms: hit.p99Ms, loadP50Ms: load.p50Ms, loadP99Ms: load.p99Ms },
  }
}
