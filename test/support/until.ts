import { setTimeout as sleep } from 'node:timers/promises'

/** Waits for `condition` by asking again; for what another process does, where no gate can be put. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { deadlineMs = 30_000, everyMs = 20 }: { deadlineMs?: number; everyMs?: number } = {},
): Promise<void> {
  const endsAt = Date.now() + deadlineMs
  while (!(await condition())) {
    if (Date.now() >= endsAt) throw new Error(`after ${deadlineMs} ms still waiting for ${what}`)
    await sleep(everyMs)
  }
}
