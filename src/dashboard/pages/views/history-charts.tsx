import type { HistoryPoint } from '../../../monitoring/reports.js'
import { clockMinutes, count, latency, percent, perSecond } from '../format.js'
import { minutesOf, POINT_MS } from '../live/history.js'
import { Chart } from '../parts/chart.js'

const SECONDS = POINT_MS / 1000

/** Stacked: what handlers had to do lies at the bottom, and what the cache answered on top of it. */
export function RequestChart({ history }: { readonly history: readonly HistoryPoint[] }) {
  const rates = (field: 'hits' | 'misses' | 'bypasses' | 'stale' | 'errors') =>
    history.map((point) => point[field] / SECONDS)
  const [hits, misses, bypasses] = [rates('hits'), rates('misses'), rates('bypasses')]
  const handled = added(misses, bypasses)
  return (
    <div class="panel">
      <Chart
        title="Requests per second"
        summary={requestSummary(history)}
        times={history.map(({ at }) => at)}
        format={(value) => `${perSecond(value)}/s`}
        series={[
          { label: 'hits', colour: 'c-hit', values: hits, drawn: added(handled, hits), isFilled: true },
          { label: 'misses', colour: 'c-miss', values: misses, drawn: handled, isFilled: true },
          { label: 'bypasses', colour: 'c-bypass', values: bypasses, isFilled: true },
          { label: 'stale', colour: 'c-stale', values: rates('stale'), dash: [4, 3] },
          { label: 'errors', colour: 'c-error', values: rates('errors'), dash: [2, 2] },
        ]}
      />
      <MinuteTable history={history} />
    </div>
  )
}

export function LatencyChart({ history }: { readonly history: readonly HistoryPoint[] }) {
  const newest = history.at(-1)
  return (
    <div class="panel">
      <Chart
        title="Latency"
        summary={`Now hits take ${latency(newest?.hitP50Ms ?? null)} in the middle and ${latency(newest?.hitP99Ms ?? null)} at the 99th percentile, loads ${latency(newest?.loadP50Ms ?? null)} and ${latency(newest?.loadP99Ms ?? null)}.`}
        times={history.map(({ at }) => at)}
        isLogarithmic
        format={latency}
        series={[
          { label: 'load p99', colour: 'c-miss', values: history.map(positive('loadP99Ms')), dash: [4, 3] },
          { label: 'load p50', colour: 'c-miss', values: history.map(positive('loadP50Ms')) },
          { label: 'hit p99', colour: 'c-hit', values: history.map(positive('hitP99Ms')), dash: [4, 3] },
          { label: 'hit p50', colour: 'c-hit', values: history.map(positive('hitP50Ms')) },
        ]}
      />
    </div>
  )
}

/** The same in figures, for those who do not see the lines or want to copy them. */
function MinuteTable({ history }: { readonly history: readonly HistoryPoint[] }) {
  return (
    <details>
      <summary>The last ten minutes as a table</summary>
      <table>
        <caption class="hidden">Requests of the last ten minutes, by minute</caption>
        <thead>
          <tr>
            <th scope="col">Until</th>
            <th scope="col">Hit rate</th>
            <th scope="col">Hits</th>
            <th scope="col">Misses</th>
            <th scope="col">Bypasses</th>
            <th scope="col">Errors</th>
          </tr>
        </thead>
        <tbody>
          {minutesOf(history).map(({ at, hits, misses, bypasses, errors }) => (
            <tr key={at}>
              <th scope="row">{clockMinutes(at)}</th>
              <td>{percent(hits, hits + misses)}</td>
              <td>{count(hits)}</td>
              <td>{count(misses)}</td>
              <td>{count(bypasses)}</td>
              <td>{count(errors)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

function requestSummary(history: readonly HistoryPoint[]): string {
  const [newest] = minutesOf(history)
  if (!newest) return 'Nothing yet.'
  const { hits, misses, bypasses } = newest
  return `In the last minute ${count(hits)} hits, ${count(misses)} misses and ${count(bypasses)} bypasses: ${percent(hits, hits + misses)} came from the cache.`
}

type LatencyField = 'hitP50Ms' | 'hitP99Ms' | 'loadP50Ms' | 'loadP99Ms'

/** A logarithmic scale has no place for what takes no time. */
function positive(field: LatencyField): (point: HistoryPoint) => number | null {
  return (point) => {
    const value = point[field]
    return value === null ? null : Math.max(value, 0.01)
  }
}

function added(below: readonly number[], above: readonly number[]): number[] {
  return below.map((value, nth) => value + (above[nth] ?? 0))
}
