import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { CacheMeter } from '#src/telemetry/cache-meter.js'
import { METRICS, prometheusName } from '#src/telemetry/metrics.js'
import { PROJECT_ROOT } from '../../support/project-root.js'

const STATUS = { kind: 'memory', available: true, circuit: 'closed', owedEvictions: 0 } as const
const RULE = { where: 'Users.getUser', key: 'user:{id}' }

function metered() {
  const durations: [string, string, number][] = []
  const parts = { registry: { list: () => [] }, status: () => STATUS }
  const meter = new CacheMeter(parts as never, {
    record: (metric, { where }, seconds) => durations.push([metric, where, seconds]),
  })
  const tell = (...events: CacheEvent[]) => {
    for (const event of events) meter.listener(event)
  }
  const valuesOf = (wanted: string) =>
    [...meter.samples()]
      .filter(({ metric }) => metric === wanted)
      .map(({ labels, value }) => [...Object.values(labels), value])
  return { tell, valuesOf, durations }
}

const bypass = (reason: string): CacheEvent => ({ type: 'bypass', rule: RULE, key: null, reason })

describe('CacheMeter', () => {
  it('counts each request once, by how it was answered', () => {
    const { tell, valuesOf, durations } = metered()
    const common = { rule: RULE, key: 'user:1', ms: 2 }
    tell({ type: 'hit', ...common, bytes: 1, ttlMs: 1 })
    tell({ type: 'stale', ...common, bytes: 1, ttlMs: -1 })
    tell({ type: 'miss', ...common, collapsed: false }, { type: 'miss', ...common, collapsed: true })
    tell({ type: 'reload', ...common })
    tell(bypass('condition'))
    expect(valuesOf('gets')).to.deep.equal([
      ['Users.getUser', 'hit', 1],
      ['Users.getUser', 'stale', 1],
      ['Users.getUser', 'miss', 2],
      ['Users.getUser', 'bypass', 1],
    ])
    expect(valuesOf('collapsedGets')).to.deep.equal([['Users.getUser', 1]])
    expect(valuesOf('reloads')).to.deep.equal([['Users.getUser', 1]])
    expect(durations).to.deep.equal([
      ['getDuration', 'Users.getUser', 0.002],
      ['getDuration', 'Users.getUser', 0.002],
      ['loadDuration', 'Users.getUser', 0.002],
      ['loadDuration', 'Users.getUser', 0.002],
    ])
  })

  it('counts what was stored, what was refused, and why the rest was not', () => {
    const { tell, valuesOf } = metered()
    tell({ type: 'fill', rule: RULE, key: 'user:1', bytes: 100, ttlMs: 1, tags: [] })
    tell({ type: 'put', rule: RULE, key: 'user:1', stored: true, bytes: 11 })
    tell({ type: 'put', rule: RULE, key: 'user:1', stored: false, bytes: 11 })
    tell({ type: 'fill-refused', rule: RULE, key: 'user:1' })
    tell({ type: 'not-stored', rule: RULE, key: 'user:1', reason: 'status 404' })
    expect(valuesOf('puts')).to.deep.equal([
      ['Users.getUser', 'stored', 2],
      ['Users.getUser', 'refused', 2],
    ])
    expect(valuesOf('storedBytes')).to.deep.equal([['Users.getUser', 111]])
    expect(valuesOf('notStored')).to.deep.equal([['Users.getUser', 'status 404', 1]])
  })

  it('counts evictions by who evicts, and what went wrong by its kind', () => {
    const { tell, valuesOf } = metered()
    tell({ type: 'evict', by: 'PUT /users/:id', targets: ['user:1', 'users:*'], removed: 3, ms: 1 })
    tell({ type: 'evict', by: null, targets: ['user:1'], removed: 0, ms: 1 })
    tell({ type: 'evict-kept', targets: ['user:1', 'user:2'] })
    tell({ type: 'intent-missed', targets: ['user:1'] })
    tell({ type: 'forgotten', write: 'PUT /users/:id', tags: ['users'], key: 'user:1', read: null })
    tell({ type: 'store-down', error: new Error('away') }, { type: 'discard', key: 'k', reason: 'r' })
    tell({ type: 'write-failed', rule: { ...RULE }, status: 500 })
    expect(valuesOf('evictions')).to.deep.equal([
      ['PUT /users/:id', 1],
      ['unknown', 1],
    ])
    expect(valuesOf('removedEntries')).to.deep.equal([
      ['PUT /users/:id', 3],
      ['unknown', 0],
    ])
    expect(valuesOf('keptEvictions')).to.deep.equal([[2]])
    expect(valuesOf('missedIntents')).to.deep.equal([[1]])
    expect(valuesOf('forgottenEvictions')).to.deep.equal([['PUT /users/:id', '', 1]])
    expect(valuesOf('failedWrites')).to.deep.equal([['Users.getUser', 1]])
    expect(valuesOf('errors')).to.deep.equal([
      ['store_down', 1],
      ['discarded', 1],
      ['foreign_key', 0],
      ['option_failed', 0],
      ['warming_stopped', 0],
    ])
  })

  it('counts whom answers of writes have waited for, and whether that took too long', () => {
    const { tell, valuesOf } = metered()
    const barrier = { type: 'barrier', database: 'crm', ms: 1 } as const
    tell({ ...barrier, passed: true }, { ...barrier, passed: false }, { ...barrier, passed: true })
    expect(valuesOf('barriers')).to.deep.equal([
      ['crm', 'passed', 2],
      ['crm', 'late', 1],
    ])
  })

  it('counts what came of audits, and for how long entries had been stale', () => {
    const { tell, valuesOf } = metered()
    expect(valuesOf('audits')).to.deep.equal([])
    const audit = { type: 'audit', rule: RULE, key: 'user:1' } as const
    tell({ ...audit, outcome: 'agreed' }, { ...audit, outcome: 'agreed' })
    tell({ ...audit, outcome: 'skipped', reason: 'under pressure' })
    for (const staleForMs of [61_000, 120_500])
      tell({ ...audit, outcome: 'stale', fields: ['name'], staleForMs })
    expect(valuesOf('audits')).to.deep.equal([
      ['Users.getUser', 'agreed', 2],
      ['Users.getUser', 'settled', 0],
      ['Users.getUser', 'stale', 2],
      ['Users.getUser', 'unclear', 0],
      ['Users.getUser', 'skipped', 1],
    ])
    expect(valuesOf('auditedStaleness')).to.deep.equal([['Users.getUser', 181.5]])
  })

  it('keeps the number of reasons small, whatever they are', () => {
    const { tell, valuesOf } = metered()
    for (let nth = 0; nth < 200; nth++) tell(bypass(`reason ${nth}`))
    const reasons = valuesOf('bypasses')
    expect(reasons).to.have.lengthOf(51)
    expect(reasons.at(-1)).to.deep.equal(['Users.getUser', 'others', 150])
  })
})

describe('the names of metrics', () => {
  it('are those of Prometheus, with kind and unit', () => {
    expect(prometheusName(METRICS.gets, '')).to.equal('cache_gets_total')
    expect(prometheusName(METRICS.storedBytes, 'crm_')).to.equal('crm_cache_stored_bytes_total')
    expect(prometheusName(METRICS.loadDuration, '')).to.equal('cache_load_duration_seconds')
    expect(prometheusName(METRICS.owedEvictions, '')).to.equal('cache_owed_evictions')
  })
})

describe('docs/reference/telemetry.md', () => {
  it('names each metric, with its labels', async () => {
    const page = await readFile(join(PROJECT_ROOT, 'docs/reference/telemetry.md'), 'utf8')
    const rows = page.split('\n').filter((line) => line.startsWith('| `cache_'))
    expect(rows.map((row) => row.split(' | ').slice(0, 3).join(' | '))).to.deep.equal(
      Object.values(METRICS).map((metric) => {
        const labels = metric.labels.map((label) => `\`${label}\``).join(', ')
        return `| \`${prometheusName(metric, '')}\` | \`${metric.name}\` | ${labels}`
      }),
    )
  })
})
