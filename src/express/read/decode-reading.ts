import type { Reading } from '../../engine/engine.js'
import type { Load } from '../../engine/load.js'
import { forbidsStale } from '../../http/cache-control.js'
import type { RecentAnswers } from '../../http/recent-answers.js'
import type { Representation } from '../../http/representation.js'

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

/** Decodes what the engine has read for a key; `null` if the value is nothing that this cache has stored. */
export function decodeReading(
  recentAnswers: RecentAnswers,
  key: string,
  reading: Reading,
): DecodedReading | null {
  if (reading.kind === 'pass-through') return reading
  if (reading.kind === 'load') {
    const { load, stale } = reading
    if (!stale) return { kind: 'load', load, stale: null }
    const answer = recentAnswers.decode(key, stale.value)
    return answer && { kind: 'load', load, stale: { answer, remainingMs: stale.remainingMs } }
  }
  const answer = recentAnswers.decode(key, reading.value)
  if (!answer || reading.kind === 'loaded') return answer && { kind: 'loaded', answer }
  return { kind: reading.kind, answer, remainingMs: reading.remainingMs }
}

/** Whether a stored answer may not be served once it is stale (RFC 9111, section 4.2.4). */
export function mustBeFresh({ headers }: Representation): boolean {
  return forbidsStale(headers['cache-control'])
}
