import { realTime } from './real-time.js'
/** Stands for an answer that did not come in time. */
export const LATE = Symbol('late')

/**
 * What a promise gives, or `LATE` if it takes longer.
 *
 * The timer does not keep the process alive, and is gone as soon as the answer is there.
 */
export async function withinDeadline<T>(answer: Promise<T>, deadlineMs: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    // Timers run before sockets are read: after a busy moment in this process, an answer that has already
    // arrived must not be called late. An immediate runs after the sockets.
    timer = realTime.setTimeout(() => realTime.setImmediate(() => resolve(LATE)), deadlineMs)
    timer.unref()
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    realTime.clearTimeout(timer)
  }
}
