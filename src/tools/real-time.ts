import { performance } from 'node:perf_hooks'
import * as timers from 'node:timers'

type After = (act: () => void, ms: number) => NodeJS.Timeout

/** What `realTime` has; tests of this package put a clock of theirs in its place. */
export interface RealTime {
  setTimeout: After
  clearTimeout: (timer: NodeJS.Timeout | undefined) => void
  setInterval: After
  clearInterval: (timer: NodeJS.Timeout | undefined) => void
  setImmediate: (act: () => void) => void
  nextTick: (act: () => void) => void
  queueMicrotask: (act: () => void) => void
  /** Monotonic milliseconds. */
  now: () => number
}

const { nextTick } = process
// Not the object: a faked clock changes its methods.
const now = performance.now.bind(performance)
const { setTimeout, clearTimeout, setInterval, clearInterval, setImmediate } = timers

/**
 * Time as it was when this package was loaded, for what goes on outside of a test: a Redis that answers or does not, the
 * turns of the event loop, the bytes of an answer. Where a test of the user's fakes time, a request that waits for these
 * would never end. How old an entry is goes by the clock that the test sees.
 */
export const realTime: RealTime = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  nextTick,
  queueMicrotask: globalThis.queueMicrotask,
  now,
}

/** Resolves after so many milliseconds of real time. */
export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    realTime.setTimeout(resolve, ms)
  })
}
