import type { Overview } from '../../dashboard-api.js'
import { count, counted, duration, latency, percent, perSecond } from '../format.js'
import { sumSince } from '../live/history.js'
import type { Live, RecentPoint } from '../live/live-feed.js'
import { useLive } from '../live/use-live.js'
import { Sparkline } from '../parts/sparkline.js'
import { Tile } from '../parts/tile.js'
import { linkTo } from '../route.js'
import { LatencyChart, RequestChart } from './history-charts.js'
import { Processes } from './processes.js'
import { SpokenTotals } from './spoken-totals.js'
import { StoreCard } from './store-card.js'
import { troublesOf } from './troubles.js'

const MINUTE_MS = 60_000
const SPARK_POINTS = 60

export function Now() {
  const live = useLive()
  const { overview, history } = live
  if (!overview) return <p class="waiting">Waiting for the first figures…</p>
  return (
    <>
      <Troubles overview={overview} />
      <Savings live={live} overview={overview} />
      <Rates recent={live.recent} overview={overview} />
      <SpokenTotals overview={overview} />
      {history.length > 0 && (
        <section class="charts" aria-label="The last hour">
          <RequestChart history={history} />
          <LatencyChart history={history} />
        </section>
      )}
      <StoreCard overview={overview} />
      <Processes overview={overview} />
    </>
  )
}

function Troubles({ overview }: { readonly overview: Overview }) {
  const troubles = troublesOf(overview)
  if (troubles.length === 0) return null
  return (
    <section aria-label="What needs somebody" class="notes">
      {troubles.map(({ isBad, text, mend, page }) => (
        <div key={text} class={`note ${isBad ? 'note-bad' : 'note-warn'}`}>
          <p>
            <strong>{text}</strong>
          </p>
          <p>
            {mend} {page && <a href={linkTo(page.id, page.params)}>{page.title}</a>}
          </p>
        </div>
      ))}
    </section>
  )
}

function Savings({ live, overview }: { readonly live: Live; readonly overview: Overview }) {
  const { totals, hitLatency, loadLatency, keys } = overview
  const minute = sumSince(live.history, overview.at - MINUTE_MS)
  const answered = totals.hits + totals.misses
  const requests = answered + totals.bypasses
  const savedNow = meanOf(live.recent.slice(-10).map(({ savedMs }) => savedMs))
  return (
    <section aria-labelledby="savings">
      <h2 id="savings" class="hidden">
        What the cache saves
      </h2>
      <dl class="tiles">
        <Tile isMain label="Answered from the cache" value={percent(totals.hits, answered)}>
          last minute {percent(minute.hits, minute.hits + minute.misses)}
        </Tile>
        <Tile isMain label="Handler time saved" value={duration(totals.savedMs)}>
          now {latency(savedNow)} a second
        </Tile>
        <Tile label="Requests" value={count(requests)}>
          {percent(totals.bypasses, requests)} past the cache
        </Tile>
        <Tile label="Latency of hits" value={latency(hitLatency.p50Ms)}>
          p99 {latency(hitLatency.p99Ms)}
        </Tile>
        <Tile label="Latency of loads" value={latency(loadLatency.p50Ms)}>
          p99 {latency(loadLatency.p99Ms)}
        </Tile>
        <Tile label="Keys held" value={count(overview.keys)}>
          {keys === 0 ? 'nothing stored yet' : <a href={linkTo('keys')}>browse them</a>}
        </Tile>
      </dl>
      {requests === 0 && (
        <p class="hint">
          No request has met a rule yet. Send one that a rule is for, such as{' '}
          <code>curl -i localhost:3000/…</code>, and look at its <code>X-Cache</code> header;{' '}
          <a href={linkTo('rules')}>Rules</a> says which routes have one.
        </p>
      )}
      {requests > 0 && totals.savedMs > 0 && (
        <p class="hidden">{counted(totals.hits, 'answer')} came from the cache.</p>
      )}
    </section>
  )
}

const RATES = [
  { field: 'hits', label: 'Hits', colour: 'c-hit' },
  { field: 'misses', label: 'Misses', colour: 'c-miss' },
  { field: 'bypasses', label: 'Bypasses', colour: 'c-bypass' },
  { field: 'stale', label: 'Stale', colour: 'c-stale' },
  { field: 'errors', label: 'Errors', colour: 'c-error' },
  { field: 'evictions', label: 'Evictions', colour: 'c-evict' },
] as const

function Rates({
  recent,
  overview,
}: {
  readonly recent: readonly RecentPoint[]
  readonly overview: Overview
}) {
  return (
    <section aria-labelledby="rates">
      <h2 id="rates">Now, per second</h2>
      <dl class="tiles tiles-small">
        {RATES.map(({ field, label, colour }) => (
          <Tile
            key={field}
            label={label}
            value={perSecond(overview.rates[field])}
            unit="/s"
            chart={
              <Sparkline
                colour={colour}
                length={SPARK_POINTS}
                values={recent.map(({ rates }) => rates[field])}
              />
            }
          >
            {counted(overview.totals[field], 'in all', 'in all')}
          </Tile>
        ))}
      </dl>
    </section>
  )
}

function meanOf(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}
