import type { DashboardEvent } from '../../dashboard-api.js'

const KEPT = 1000

export function eventId({ processId, nth }: DashboardEvent): string {
  return `${processId}/${nth}`
}

/** Adds events, each once whatever order they come in, and keeps the newest. */
export function addEvents(
  known: readonly DashboardEvent[],
  more: readonly DashboardEvent[],
): readonly DashboardEvent[] {
  const ids = new Set(known.map(eventId))
  const added = more.filter((event) => !ids.has(eventId(event)))
  if (added.length === 0) return known
  const all = [...known, ...added].sort((one, other) => one.at - other.at || one.nth - other.nth)
  return all.slice(-KEPT)
}
