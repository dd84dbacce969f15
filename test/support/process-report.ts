import type { ProcessReport } from '#src/monitoring/reports.js'

const ACCOUNTS = { hits: 3, misses: 2, bypasses: 1 }
const LATENCY = { count: 3, p50Ms: 0.5, p99Ms: null, buckets: [0, 1, 2] }

/** A report with something of everything. */
export function processReport(id: string, changed: Partial<ProcessReport> = {}): ProcessReport {
  return {
    ...{ id, name: 'crm', pid: 7, host: 'localhost', node: 'v24', version: '0.1.0', startedAt: 1, at: 2 },
    store: { kind: 'redis', available: true, circuit: 'closed', owedEvictions: 0 },
    totals: {
      ...ACCOUNTS,
      ...{ stale: 0, errors: 0, fills: 2, refusedFills: 0 },
      ...{ evictions: 1, evicted: 1, forgotten: 0, savedMs: 12.5 },
    },
    rules: [
      {
        ...ACCOUNTS,
        ...{ where: 'Customers.one', key: 'customer:{id}', name: 'GET /customers/:id' },
        ...{ ttlMs: 60_000, graceMs: 0, tags: [], tables: ['customers'] },
        ...{ loads: 2, refusedFills: 0, storedBytes: 900, evictions: 1 },
        biggest: { key: 'customer:1', bytes: 500 },
        ...{ hitLatency: LATENCY, loadLatency: LATENCY, tags: [], tables: [] },
        reasons: [{ kind: 'bypass', reason: 'condition', count: 1, mend: null }],
      },
    ],
    writes: [
      {
        ...{ name: 'PUT /customers/:id', where: 'Customers.change', patterns: ['customer:*'] },
        ...{ tags: [], tables: ['customers'] },
        ...{ writes: 1, failed: 0, removed: 1, event: null },
      },
    ],
    history: [
      {
        ...ACCOUNTS,
        ...{ at: 10_000, stale: 0, errors: 0 },
        ...{ hitP50Ms: 0.5, hitP99Ms: 1, loadP50Ms: null, loadP99Ms: null },
      },
    ],
    events: [
      {
        ...{ nth: 1, at: 2, type: 'evict', who: 'PUT /customers/:id', key: null, text: 'removed 1' },
        ...{ targets: ['customer:1'], removed: 1, ms: 0.4 },
      },
    ],
    ...changed,
  }
}
