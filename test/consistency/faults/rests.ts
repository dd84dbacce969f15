import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../random.js'

const WORK_MS = { least: 2_000, most: 6_000 }
const REST_MS = { least: 100, most: 800 }

/**
 * Times in which a process asks for nothing, so that it may not notice what goes wrong meanwhile.
 *
 * @param random - `null`: there are none.
 * @returns What resolves at once, or at the end of the rest.
 */
export function restsOf(random: Random | null): () => Promise<void> {
  if (random === null) return async () => {}
  let resting: Promise<void> | null = null
  let workUntil = 0
  const workOn = (): void => {
    resting = null
    workUntil = performance.now() + random.between(WORK_MS)
  }
  workOn()
  return async () => {
    if (resting === null && performance.now() >= workUntil)
      resting = sleep(random.between(REST_MS)).then(workOn)
    await resting
  }
}
