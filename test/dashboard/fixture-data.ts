import type {
  DashboardEvent,
  DashboardRule,
  KeyAnswer,
  KeysAnswer,
  MapAnswer,
  Overview,
  PreviewAnswer,
  RulesAnswer,
} from '#src/dashboard/dashboard-api.js'
import type {
  EntryReport,
  Explanation,
  HistoryPoint,
  LatencyReport,
  Totals,
} from '#src/monitoring/reports.js'

/*
 * What a dashboard would say of a CRM in three processes, some of it in trouble: for what a real one does not do when it is
 * asked to.
 */

const STARTED_AT = Date.UTC(2026, 2, 2, 8, 0, 0)
const HISTORY_POINTS = 180

export const FIXTURE_NOW = Date.UTC(2026, 2, 2, 9, 41, 7)

const READS = [
  ['GET /customers', 'CustomerController.list', 'customers:list:{query}', 60_000],
  ['GET /customers/:id', 'CustomerController.one', 'customers:{id}', 300_000],
  ['GET /customers/:id/contacts', 'ContactController.list', 'customers:{id}:contacts', 300_000],
  ['GET /tasks', 'TaskController.list', 'tasks:{user.id}:{query}', 30_000],
  ['GET /opportunities', 'OpportunityController.list', 'opportunities:list:{query}', 60_000],
  ['GET /opportunities/:id/forecast', 'ForecastController.one', 'opportunities:{id}:forecast', 900_000],
  ['GET /reports/sales', 'ReportController.sales', 'reports:sales:{query}', 3_600_000],
  ['GET /currencies', 'CurrencyController.list', 'currencies', 86_400_000],
] as const

function latencyReport(p50Ms: number, p99Ms: number): LatencyReport {
  return { count: 1000, p50Ms, p99Ms, buckets: [] }
}

function totals(factor: number): Totals {
  return {
    hits: Math.round(183_204 * factor),
    misses: Math.round(9411 * factor),
    bypasses: Math.round(5102 * factor),
    stale: Math.round(214 * factor),
    errors: 0,
    fills: Math.round(9230 * factor),
    refusedFills: Math.round(31 * factor),
    evictions: Math.round(2877 * factor),
    evicted: Math.round(6120 * factor),
    forgotten: 0,
    savedMs: 8_412_000 * factor,
  }
}

function historyPoint(nth: number): HistoryPoint {
  const wave = 1 + Math.sin(nth / 14) * 0.35 + Math.sin(nth / 3.7) * 0.08
  const burst = nth % 60 > 54 ? 3 : 1
  return {
    at: FIXTURE_NOW - 7000 - (HISTORY_POINTS - 1 - nth) * 10_000,
    hits: Math.round(1900 * wave),
    misses: Math.round(90 * wave * burst),
    bypasses: Math.round(52 * wave),
    stale: burst > 1 ? 30 : 0,
    errors: 0,
    hitP50Ms: 0.31 + Math.sin(nth / 9) * 0.04,
    hitP99Ms: 1.6 + Math.sin(nth / 5) * 0.5,
    loadP50Ms: 18 + Math.sin(nth / 11) * 4,
    loadP99Ms: 120 * burst ** 0.3 + Math.sin(nth / 4) * 30,
  }
}

export function overview(changes: Partial<Overview> = {}): Overview {
  const store = { kind: 'redis', available: true, circuit: 'closed', owedEvictions: 0 } as const
  return {
    at: FIXTURE_NOW,
    settings: { keyPrefix: 'crm:', version: '0.1.0', values: true, removal: true },
    processes: ['crm-api', 'crm-api', 'crm-worker'].map((name, nth) => ({
      id: `process-${nth}`,
      name,
      pid: 4120 + nth * 11,
      host: `web-${nth + 1}`,
      node: '22.12.0',
      version: '0.1.0',
      startedAt: STARTED_AT + nth * 4000,
      at: FIXTURE_NOW - 300 * nth,
      store,
      totals: totals([0.45, 0.42, 0.13][nth] ?? 0),
    })),
    totals: totals(1),
    rates: { hits: 204, misses: 8, bypasses: 5, stale: 0, errors: 0, evictions: 2 },
    hitLatency: latencyReport(0.31, 1.8),
    loadLatency: latencyReport(18, 140),
    history: Array.from({ length: HISTORY_POINTS }, (_, nth) => historyPoint(nth)),
    store,
    redis: {
      version: '7.2.4',
      usedMemoryBytes: 181_000_000,
      maxMemoryBytes: 536_870_912,
      maxMemoryPolicy: 'volatile-lru',
      connections: 9,
      roundTripMs: 0.24,
    },
    keys: 4812,
    ...changes,
  }
}

export function rules(): RulesAnswer {
  return { at: FIXTURE_NOW, rules: READS.map((read, nth) => rule(read, nth)) }
}

function rule([name, where, key, ttlMs]: (typeof READS)[number], nth: number): DashboardRule {
  const weight = 1 / (nth + 1)
  const isNeverHit = nth === 6
  return {
    name,
    where,
    key,
    ttlMs,
    graceMs: nth === 0 ? 30_000 : 0,
    hits: isNeverHit ? 0 : Math.round(67_000 * weight),
    misses: Math.round(3400 * weight),
    bypasses: nth === 3 ? 1640 : Math.round(300 * weight),
    loads: Math.round(3300 * weight),
    refusedFills: nth,
    storedBytes: Math.round(41_000_000 * weight),
    biggest: {
      key: key.replace('{id}', '42').replace('{query}', 'page=1').replace('{user.id}', '7'),
      bytes: 48_210,
    },
    hitLatency: latencyReport(0.3, 1.7),
    loadLatency: latencyReport(12 + nth * 6, 90 + nth * 20),
    tags: [],
    tables: nth === 6 ? ['orders', 'customer'] : [],
    evictions: nth === 7 ? 0 : Math.round(900 * weight),
    reasons:
      nth === 3
        ? [
            {
              kind: 'bypass',
              reason: 'who asks is not known',
              count: 1604,
              mend: 'Sign the user in before the rule, so that req.user is set.',
            },
            { kind: 'bypass', reason: 'the request says no-store', count: 36, mend: null },
          ]
        : [],
    processes: ['crm-api', 'crm-worker'],
    keysHeld: nth === 3 ? null : Math.round(1800 * weight),
    neverHit: isNeverHit,
    neverEvicted: nth === 7,
    evictedBy: nth === 7 ? [] : ['PUT /customers/:id', 'POST /customers'],
  }
}

export function map(): MapAnswer {
  const write = (name: string, patterns: string[], tables: string[] = [], tags: string[] = []) => ({
    name,
    patterns,
    tags,
    tables,
    event: null,
  })
  const edge = (from: string, read: string, by: string) => ({ write: from, read, by })
  return {
    reads: READS.map(([name, , template], nth) => ({
      name,
      template,
      tags: [],
      tables: nth === 6 ? ['orders', 'customer'] : nth === 5 ? ['opportunity'] : [],
    })),
    writes: [
      write('POST /customers', ['customers:list:*']),
      write('PUT /customers/:id', ['customers:{id}', 'customers:list:*'], ['customer']),
      write('DELETE /customers/:id', ['customers:{id}:*', 'customers:list:*'], ['customer']),
      write('POST /customers/:id/contacts', ['customers:{id}:contacts']),
      write('POST /tasks', ['tasks:{user.id}:*']),
      write('PATCH /opportunities/:id', ['opportunities:list:*'], ['opportunity']),
      write('POST /notifications', ['notification:*']),
      write('OrderPlaced', [], ['orders']),
    ],
    edges: [
      edge('POST /customers', 'GET /customers', 'customers:list:*'),
      edge('PUT /customers/:id', 'GET /customers/:id', 'customers:{id}'),
      edge('PUT /customers/:id', 'GET /customers', 'customers:list:*'),
      edge('PUT /customers/:id', 'GET /reports/sales', 'table customer'),
      edge('DELETE /customers/:id', 'GET /customers/:id/contacts', 'customers:{id}:*'),
      edge('DELETE /customers/:id', 'GET /customers', 'customers:list:*'),
      edge('POST /customers/:id/contacts', 'GET /customers/:id/contacts', 'customers:{id}:contacts'),
      edge('POST /tasks', 'GET /tasks', 'tasks:{user.id}:*'),
      edge('PATCH /opportunities/:id', 'GET /opportunities', 'opportunities:list:*'),
      edge('PATCH /opportunities/:id', 'GET /opportunities/:id/forecast', 'table opportunity'),
      edge('OrderPlaced', 'GET /reports/sales', 'table orders'),
    ],
    unevicted: ['GET /currencies'],
    idle: ['POST /notifications'],
  }
}

function entry(nth: number): EntryReport {
  return {
    key: `customers:${nth}`,
    bytes: 900 + ((nth * 977) % 40_000),
    remainingMs: 300_000 - ((nth * 7919) % 280_000),
    ageMs: nth % 9 === 0 ? null : (nth * 7919) % 280_000,
    isStale: nth % 17 === 0,
    tags: nth % 3 === 0 ? [`customer:${nth}`, 'tenant:acme', 'region:jp', 'segment:smb'] : [],
  }
}

const ENTRIES = Array.from({ length: 120 }, (_, nth) => entry(nth + 1))

export function keys(query: URLSearchParams): KeysAnswer {
  const prefix = (query.get('pattern') ?? '').replace(/\*$/, '')
  const all = ENTRIES.filter(({ key }) => key.startsWith(prefix))
  const from = query.has('after') ? all.findIndex(({ key }) => key === query.get('after')) + 1 : 0
  const page = all.slice(from, from + Number(query.get('limit')))
  return { entries: page, next: from + page.length < all.length ? (page.at(-1)?.key ?? null) : null }
}

export function key(name: string): KeyAnswer {
  return {
    entry: ENTRIES.find((one) => one.key === name) ?? null,
    value: '{"id":42,"name":"Sakura Trading","segment":"smb"}',
    valueHidden: false,
    story: events().filter((event) => event.key === name || event.targets?.includes('customers:{id}')),
  }
}

export function events(): DashboardEvent[] {
  const told = [
    ['miss', 'GET /customers/:id', 'customers:42', 'the handler took 21 ms', 21],
    ['fill', 'GET /customers/:id', 'customers:42', 'stored 1926 bytes for 300 s', undefined],
    ['hit', 'GET /customers/:id', 'customers:42', 'answered from the store in 0.28 ms', 0.28],
    ['bypass', 'GET /tasks', null, 'went past the cache: who asks is not known', undefined],
    ['evict', 'PUT /customers/:id', null, 'removed 3: customers:42, customers:list:*', 0.6],
    [
      'fill-refused',
      'GET /customers',
      'customers:list:page=1',
      'not stored: it was evicted while it was loaded, or took longer than its lease',
      undefined,
    ],
    [
      'forgotten',
      'PUT /customers/:id',
      'reports:sales:',
      'left although what it was made from has changed: customer',
      undefined,
    ],
  ] as const
  return told.map(([type, who, eventKey, text, ms], nth) => ({
    nth,
    at: FIXTURE_NOW - 20_000 + nth * 1371,
    type,
    who,
    key: eventKey,
    text,
    ...(type === 'evict' && { targets: ['customers:42', 'customers:list:*'], removed: 3 }),
    ...(ms !== undefined && { ms }),
    process: nth % 2 === 0 ? 'crm-api' : 'crm-worker',
    processId: 'process-0',
  }))
}

export function explanations(): Explanation[] {
  return [
    {
      process: 'crm-api',
      rule: 'TaskController.list',
      route: 'GET /tasks',
      template: 'tasks:{user.id}:{query}',
      key: null,
      steps: [
        { check: 'method', outcome: 'passes', detail: 'GET may be answered from the cache.' },
        {
          check: 'condition',
          outcome: 'unknown',
          detail: 'The option condition is a function and wants the request.',
        },
        {
          check: 'key',
          outcome: 'stops',
          detail: '{user.id} has no value: who asks is not known.',
          mend: 'Say who is signed in, under “Headers and who is signed in”.',
        },
      ],
      entry: null,
      next: { xCache: 'BYPASS', because: 'The key wants a user, and nobody is signed in.' },
    },
  ]
}

export function preview(): PreviewAnswer {
  return { count: ENTRIES.length, keys: ENTRIES.slice(0, 100).map(({ key: name }) => name), more: false }
}
