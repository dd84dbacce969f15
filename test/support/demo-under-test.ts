import type { RunningDemo } from '#demo/app.js'
import { until } from './until.js'

/** The demo as its tests see it, in however many processes it runs. */
export interface DemoUnderTest extends Pick<RunningDemo, 'url' | 'prisma' | 'cache'> {
  /** Resolves once all that follows from what has been written so far has happened. */
  settle(): Promise<void>
}

/** A test asserts what happened; how fast a shared machine is, is no part of it. */
export const GENEROUS_DEADLINE_MS = 10_000

/** An answer may arrive before its process has heard that it is stored. */
export function untilStored({ cache }: DemoUnderTest, key: string): Promise<void> {
  return until(`${key} to be stored`, async () => (await cache.get(key)) !== null)
}
