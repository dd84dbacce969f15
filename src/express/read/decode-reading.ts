import type { Reading } from '../../engine/engine.js'
import type { Load } from '../../engine/load.js'
import { forbidsStale } from '../../http/cache-control.js'
import type { Representation } from '../../http/representation.js'
import type { StoredValue } from '../../stores/store.js'
import { onceKnown } from '../../tools/once-known.js'
import type { CacheRequest } from './cache-request.js'
import { foundAnswer } from './found-answer.js'

/** A stored answer and how long it still lives, grace included. */
export interface TimedAnswer {
  readonly answer: Representation
  readonly remainingMs: number
}

/** A reading whose values have been decoded. */
export type DecodedReading =
  | ({ readonly kind: 'hit' | 'stale' } & TimedAnswer)
  | { readonly kind: 'loaded'; readonly answer: Representation }
  | { readonly kind: 'load'; readonly load: Load; readonly stale: TimedAnswer | null }
  | Extract<Reading, { kind: 'pass-through' }>

/**
 * Decodes what the engine has read for a request's key; `null` if the value is nothing that its rule has stored. At
 * once, unless a body has to be unpacked.
 */
export function decodeReading(
  request: CacheRequest,
  reading: Reading,
): DecodedReading | null | Promise<DecodedReading | null> {
  if (reading.kind === 'pass-through') return reading
  if (reading.kind === 'load') return decodeLoad(request, reading.load, reading.stale)
  const decoded = request.context.recentAnswers.decode(request.key, reading.value)
  return onceKnown(foundAnswer(request, decoded), (answer) => {
    if (!answer || reading.kind === 'loaded') return answer && { kind: 'loaded', answer }
    return { kind: reading.kind, answer, remainingMs: reading.remainingMs }
  })
}

/** The stale answer may have to stand in for a failed one, on a head that has been made for a plain body. */
function decodeLoad(
  request: CacheRequest,
  load: Load,
  stale: StoredValue | null,
): DecodedReading | null | Promise<DecodedReading | null> {
  if (!stale) return { kind: 'load', load, stale: null }
  const decoded = request.context.recentAnswers.decode(request.key, stale.value)
  return onceKnown(
    foundAnswer(request, decoded, true),
    (answer) => answer && { kind: 'load', load, stale: { answer, remainingMs: stale.remainingMs } },
  )
}

/** Whether a stored answer may not be served once it is stale (RFC 9111, section 4.2.4). */
export function mustBeFresh({ headers }: Representation): boolean {
  return forbidsStale(headers['cache-control'])
}
