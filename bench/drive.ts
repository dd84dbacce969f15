import { setTimeout as sleep } from 'node:timers/promises'
import type { Demo } from './demo-handle.js'
import { startLoad } from './load.js'
import type { Counts } from './messages.js'
import type { Visit, Walk } from './walks.js'

/** What one demo did in one round. */
export interface Round {
  readonly requestsPerSecond: number
  /** In milliseconds, ascending. */
  readonly latencies: readonly number[]
  readonly latenciesByRoute: ReadonlyMap<string, readonly number[]>
  /** Sent; some were cut off at the end of the round. */
  readonly requests: number
  /** What these requests made the demo do. */
  readonly counts: Counts
}

const SETTLE_MS = 200

/**
 * Lets one connection per walk ask for one thing after the other, as fast as the answers come.
 *
 * @throws {CommandError} When a single answer was not 2xx, or did not come.
 */
export async function drive(demo: Demo, walks: readonly Walk[], seconds: number): Promise<Round> {
  const before = await demo.counts()
  const latenciesByRoute = new Map<string, number[]>()
  const answered = walks.map(() => 0)
  const load = startLoad({
    name: demo.name,
    url: demo.url,
    requests: walks.map(({ person, visits }) => {
      const headers = headersOf(demo, person)
      return visits.map(({ path }) => ({ path, headers }))
    }),
    seconds,
    onAnswer(connection, milliseconds) {
      const { visits } = walks[connection] as Walk
      const visit = answered[connection] ?? 0
      answered[connection] = visit + 1
      const { route } = visits[visit % visits.length] as Visit
      const latencies = latenciesByRoute.get(route)
      if (latencies) latencies.push(milliseconds)
      else latenciesByRoute.set(route, [milliseconds])
    },
  })
  const totals = await load.ended

  // The requests that were cut off at the end still run, and still query.
  await sleep(SETTLE_MS)
  const after = await demo.counts()
  const latencies = [...latenciesByRoute.values()].flat().sort((a, b) => a - b)
  return {
    requestsPerSecond: latencies.length / totals.seconds,
    latencies,
    latenciesByRoute,
    requests: totals.requests,
    counts: {
      queries: after.queries - before.queries,
      hits: after.hits - before.hits,
      misses: after.misses - before.misses,
    },
  }
}

/** What a signed-in person's browser sends along. */
export function headersOf({ people }: Demo, person: number): Record<string, string> {
  return { Authorization: `Bearer ${people[person]?.token}` }
}
