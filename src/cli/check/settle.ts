import { realTime, sleep } from '../../tools/real-time.js'

const LOOK_EVERY_MS = 20
/** An application that has made no rule for so long is taken to have made all. */
const QUIET_MS = 120
/** The same where there is nothing yet: it may wait for its database. */
const NOTHING_MS = 1_000

/** Waits until a count has stopped to grow, or for `waitMs`. */
export async function settle(count: () => number, waitMs: number): Promise<void> {
  const endsAt = realTime.now() + waitMs
  let known = count()
  let since = realTime.now()
  while (realTime.now() < endsAt) {
    await sleep(LOOK_EVERY_MS)
    const now = count()
    if (now !== known) {
      known = now
      since = realTime.now()
    }
    if (realTime.now() - since >= (known === 0 ? Math.min(NOTHING_MS, waitMs) : QUIET_MS)) return
  }
}
