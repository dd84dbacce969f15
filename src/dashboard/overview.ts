import {
  mergeHistories,
  mergeLatencies,
  mergeStores,
  mergeTotals,
  ratesBetween,
} from '../monitoring/merge-reports.js'
import type { ProcessReport } from '../monitoring/reports.js'
import type { DashboardSettings, Overview, ProcessSummary } from './dashboard-api.js'
import type { Look } from './looking.js'

/** What the page shows first, of all processes together. */
export function overviewOf({ reports, before, redis, keys }: Look, settings: DashboardSettings): Overview {
  const rules = reports.flatMap((report) => report.rules)
  return {
    at: Date.now(),
    settings,
    processes: reports.map(summaryOf),
    totals: mergeTotals(reports),
    rates: ratesBetween(before, reports, ['hits', 'misses', 'bypasses', 'stale', 'errors', 'evictions']),
    hitLatency: mergeLatencies(rules.map(({ hitLatency }) => hitLatency)),
    loadLatency: mergeLatencies(rules.map(({ loadLatency }) => loadLatency)),
    history: mergeHistories(reports),
    store: mergeStores(reports),
    redis,
    keys,
  }
}

function summaryOf({ rules, writes, history, events, ...summary }: ProcessReport): ProcessSummary {
  return summary
}
