import type { RollCall, Store } from '#src/stores/store.js'
import { until } from '../support/until.js'

/**
 * Calls the roll until nobody is missing.
 *
 * @returns How long after a time (epoch, ms) that was, by the clock of Redis.
 */
export async function sinceAllAnswered(store: Store, at: number): Promise<number> {
  let rollCall: RollCall | 'begin' = 'begin'
  let answeredAt = 0
  const look = async () => {
    const heartbeat = await store.heartbeat({ heard: 0, rollCall })
    rollCall = heartbeat.rollCall ?? 'begin'
    answeredAt = heartbeat.now
    return heartbeat.missing === 0
  }
  await until('all to have answered', look, { deadlineMs: 10_000 })
  return answeredAt - at
}
