import type { ReasonReport } from '../../../monitoring/reports.js'
import type { DashboardRule } from '../../dashboard-api.js'
import { bytes, count, counted, duration, latency } from '../format.js'
import { KeyLink } from '../parts/key-link.js'
import { linkTo } from '../route.js'
import { requestsOf } from './rule-columns.js'

export function RuleDetails({ rule }: { readonly rule: DashboardRule }) {
  const { hitLatency, loadLatency, biggest, reasons, evictedBy, neverEvicted } = rule
  return (
    <div class="rule-details">
      <dl class="facts">
        <div>
          <dt>Declared in</dt>
          <dd>{rule.where}</dd>
        </div>
        <div>
          <dt>Key</dt>
          <dd>
            <code>{rule.key}</code>
          </dd>
        </div>
        <div>
          <dt>TTL</dt>
          <dd>
            {duration(rule.ttlMs)}
            {rule.graceMs > 0 && `, then stale for ${duration(rule.graceMs)}`}
          </dd>
        </div>
        <div>
          <dt>Requests</dt>
          <dd>
            {counted(requestsOf(rule), 'request')}: {counted(rule.hits, 'hit')},{' '}
            {counted(rule.misses, 'miss', 'misses')}, {counted(rule.bypasses, 'bypass', 'bypasses')}
          </dd>
        </div>
        <div>
          <dt>A hit takes</dt>
          <dd>
            p50&nbsp;{latency(hitLatency.p50Ms)}, p99&nbsp;{latency(hitLatency.p99Ms)}
          </dd>
        </div>
        <div>
          <dt>A load takes</dt>
          <dd>
            p50&nbsp;{latency(loadLatency.p50Ms)}, p99&nbsp;{latency(loadLatency.p99Ms)}
          </dd>
        </div>
        <div>
          <dt>Stored</dt>
          <dd>
            {bytes(rule.storedBytes)} in {counted(rule.loads, 'load')}
            {rule.refusedFills > 0 &&
              `; ${counted(rule.refusedFills, 'answer')} not stored, as an eviction came between`}
          </dd>
        </div>
        {biggest && (
          <div>
            <dt>Biggest</dt>
            <dd>
              {bytes(biggest.bytes)} under <KeyLink value={biggest.key} />
            </dd>
          </div>
        )}
        <div>
          <dt>Evicted by</dt>
          <dd>
            {evictedBy.length > 0 ? evictedBy.join(', ') : 'nothing: its entries stay until their TTL ends'}
            {rule.evictions > 0 && ` (${counted(rule.evictions, 'time')})`}
          </dd>
        </div>
        {rule.audits && (
          <div>
            <dt>Audited</dt>
            <dd>
              {counted(rule.audits.lookedAt, 'hit')} asked again: {count(rule.audits.agreed)} agreed,{' '}
              {count(rule.audits.settled)} settled, {count(rule.audits.stale)} stale
              {rule.audits.stale > 0 && ` (for ${duration(rule.audits.longestStaleMs)} and more)`}
              {rule.audits.unclear > 0 && `, ${count(rule.audits.unclear)} unclear`}
            </dd>
          </div>
        )}
        <div>
          <dt>Processes</dt>
          <dd>{rule.processes.join(', ')}</dd>
        </div>
      </dl>
      {neverEvicted && evictedBy.length > 0 && (
        <p class="hint">No eviction has met it yet, although writes that could are declared.</p>
      )}
      <Reasons reasons={reasons} />
      <p class="links">
        <a href={linkTo('map', { node: rule.name })}>See it in the map</a>
        {prefixOf(rule.key) && <a href={linkTo('keys', { pattern: prefixOf(rule.key) })}>Browse its keys</a>}
        <a href={linkTo('why', questionOf(rule.name))}>Ask why</a>
      </p>
    </div>
  )
}

function Reasons({ reasons }: { readonly reasons: readonly ReasonReport[] }) {
  if (reasons.length === 0) return null
  const most = [...reasons].sort((one, other) => other.count - one.count)
  return (
    <table class="reasons">
      <caption>Why requests went past the cache, or answers were not stored</caption>
      <thead>
        <tr>
          <th scope="col" class="number">
            Count
          </th>
          <th scope="col">What</th>
          <th scope="col">Reason</th>
          <th scope="col">What to do</th>
        </tr>
      </thead>
      <tbody>
        {most.map(({ kind, reason, count: times, mend }) => (
          <tr key={`${kind} ${reason}`}>
            <td class="number">{count(times)}</td>
            <td>{kind === 'bypass' ? 'bypassed' : 'not stored'}</td>
            <td>{reason}</td>
            <td>{mend ?? <span class="muted">nothing is wrong</span>}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** A template up to its first placeholder. */
function prefixOf(template: string): string {
  return template.split('{')[0] ?? ''
}

/** `GET /customers/:id` as a question, which lacks nothing but the value. */
function questionOf(name: string): Record<string, string> {
  const [, method, url] = /^([A-Z]+) (\/\S*)$/.exec(name) ?? []
  return method && url ? { method, url } : {}
}
