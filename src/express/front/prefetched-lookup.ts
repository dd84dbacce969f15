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
    // Nobody waits for the answer any more, and no `close` will come.
    if (res.closed) {
      reading.load.cancel()
      return
    }
    // The application may answer without its route, and nobody would load.
    res.once('close', () => {
      if (READINGS.delete(req)) reading.load.cancel()
    })
  }
  READINGS.set(req, { key, reading })
}

/** What has been read for a request under the key. */
export function takePrefetched(req: IncomingMessage, key: string): Reading | undefined {
  const handed = READINGS.get(req)
  if (handed?.key !== key) return undefined
  READINGS.delete(req)
  return handed.reading
}
