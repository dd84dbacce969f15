import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Reading } from '../../engine/engine.js'

interface Prefetched {
  readonly key: string
  readonly reading: Reading
}

const READINGS = new WeakMap<IncomingMessage, Prefetched>()

/** Leaves to the route of a request what has been read for it ahead of the application. */
export function keepPrefetched(
  req: IncomingMessage,
  res: ServerResponse,
  key: string,
  reading: Reading,
): void {
  if (reading.kind === 'load') {
    // The client has gone, and the response will not close a second time.
    if (res.closed) {
      reading.load.cancel()
      return
    }
    // An application that answers without its route leaves the reading here, and would never end the load.
    res.once('close', () => {
      if (READINGS.delete(req)) reading.load.cancel()
    })
  }
  READINGS.set(req, { key, reading })
}

/** What has been read for a request under the key. */
export function takePrefetched(req: IncomingMessage, key: string): Reading | undefined {
  const prefetched = READINGS.get(req)
  if (prefetched?.key !== key) return undefined
  READINGS.delete(req)
  return prefetched.reading
}
