import { setTimeout as sleep } from 'node:timers/promises'
import autocannon, { type Client } from 'autocannon'
import { CommandError } from '#demo/command-error.js'
import type { Demo } from './demo-handle.js'
import type { Counts } from './messages.js'
import type { Walk } from './walks.js'

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
  const walkers = new Map<Client, { readonly walk: Walk; answered: number }>()

  const run = autocannon({
    url: demo.url,
    connections: walks.length,
    duration: seconds,
    sampleInt: 100,
    setupClient(client) {
      const walk = walks[walkers.size] as Walk
      walkers.set(client, { walk, answered: 0 })
      client.setRequests(walk.visits.map(({ path }) => ({ path, headers: headersOf(demo, walk.person) })))
    },
  })
  // autocannon's own percentiles are whole milliseconds, and of all routes together.
  run.on('response', (client, _status, _bytes, milliseconds) => {
    const walker = walkers.get(client) as { walk: Walk; answered: number }
    const { visits } = walker.walk
    const { route } = visits[walker.answered++ % visits.length] as Walk['visits'][number]
    const latencies = latenciesByRoute.get(route)
    if (latencies) latencies.push(milliseconds)
    else latenciesByRoute.set(route, [milliseconds])
  })
  const { duration, errors, non2xx, requests } = await run
  if (errors + non2xx > 0) {
    throw new CommandError(`${demo.name}: ${non2xx} answers were not 2xx, and ${errors} requests failed.`)
  }

  // The requests that were cut off at the end still run, and still query.
  await sleep(SETTLE_MS)
  const after = await demo.counts()
  const latencies = [...latenciesByRoute.values()].flat().sort((a, b) => a - b)
  return {
    requestsPerSecond: latencies.length / duration,
    latencies,
    latenciesByRoute,
    requests: requests.sent,
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
