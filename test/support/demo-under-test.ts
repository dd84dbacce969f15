import type { RunningDemo } from '#demo/app.js'

/** The demo as its tests see it, in however many processes it runs. */
export interface DemoUnderTest extends Pick<RunningDemo, 'url' | 'prisma' | 'cache'> {
  /** Resolves once all that follows from what has been written so far has happened. */
  settle(): Promise<void>
}

/** A test asserts what happened; how fast a shared machine is, is no part of it. */
export const GENEROUS_DEADLINE_MS = 10_000
