import { availableParallelism, cpus, loadavg } from 'node:os'
import type { Demo } from './demo-handle.js'
import type { Round } from './drive.js'
import { median, percentile, ratiosOf, show, showRange, sum } from './figures.js'
import type { Result } from './rounds.js'
import { tableOf } from './table.js'

/** Of the machine; a bench may keep itself to one of them later. */
const CORES = availableParallelism()

/** When and on what the figures were made. @param servers - What else they depend on. */
export function machineOf(now: Date, servers: Readonly<Record<string, string>>): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown'
  return [
    `date: ${now.toISOString().slice(0, 10)}`,
    `Node: ${process.version}`,
    `machine: ${CORES} ${CORES === 1 ? 'core' : 'cores'}, ${model}`,
    ...Object.entries(servers).map(([name, server]) => `${name}: ${server}`),
  ].join('\n')
}

/** How busy the machine was: over the last minute, the last five and the last fifteen. */
export function loadAverage(): string {
  return loadavg()
    .map((average) => show(average, 1))
    .join(', ')
}

const LOAD_COLUMNS = [
  'set-up',
  'requests/s',
  'ratio to no cache',
  'p50 ms',
  'p99 ms',
  'database queries per 1,000 requests',
  'hit rate',
]

/** Medians of the rounds; counts are of all rounds. The first result is what the ratios are to. */
export function loadTable(results: readonly Result<Demo, Round>[]): string {
  const rows = results.map(({ subject, rounds }) => {
    const latency = (share: number) => median(rounds.map(({ latencies }) => percentile(latencies, share)))
    const total = (figure: (round: Round) => number) => sum(rounds.map(figure))
    const hits = total(({ counts }) => counts.hits)
    const lookups = hits + total(({ counts }) => counts.misses)
    const queries = total(({ counts }) => counts.queries)
    return [
      subject.name,
      show(median(rounds.map(({ requestsPerSecond }) => requestsPerSecond))),
      ratioOf(rounds, results[0]?.rounds ?? []),
      show(latency(0.5), 1),
      show(latency(0.99), 1),
      show((queries / total(({ requests }) => requests)) * 1_000, 1),
      show((hits / lookups) * 100, 2, '%'),
    ]
  })
  return tableOf(LOAD_COLUMNS, rows)
}

/** Of rounds that followed each other, so that the machine was the same; with the lowest and the highest. */
function ratioOf(rounds: readonly Round[], reference: readonly Round[]): string {
  if (rounds === reference) return '1'
  const speed = ({ requestsPerSecond }: Round) => requestsPerSecond
  return showRange(ratiosOf(rounds.map(speed), reference.map(speed)), 1)
}

/** The median answer of each route. @param queriesByRoute - SQL statements without a cache. */
export function routeTable(
  results: readonly Result<Demo, Round>[],
  queriesByRoute: ReadonlyMap<string, number>,
): string {
  const head = ['GET', 'queries without cache', ...results.map(({ subject }) => `${subject.name}, p50 ms`)]
  const rows = [...queriesByRoute].map(([route, queries]) => {
    const latencies = results.map(({ rounds }) =>
      rounds.flatMap((round) => round.latenciesByRoute.get(route) ?? []),
    )
    return [route, show(queries), ...latencies.map((values) => show(median(values), 2))]
  })
  return tableOf(head, rows)
}
