import { realTime } from '../tools/real-time.js'

/**
 * How long a whole turn of the event loop takes from now on, in milliseconds: about nothing where there is little to do,
 * and as long as all that waits takes where there is much. To measure it costs two callbacks, and nothing while nobody does.
 */
export function turnOfLoop(): Promise<number> {
  return new Promise((resolve) => {
    realTime.setImmediate(() => {
      const begunAt = realTime.now()
      realTime.setImmediate(() => resolve(realTime.now() - begunAt))
    })
  })
}
