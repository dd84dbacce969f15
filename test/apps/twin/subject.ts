import type { Cache } from 'express-cacheable'
import type { Random } from '../../consistency/random.js'

/** A request of somebody's. */
export interface Ask {
  /** Whatever the path's values are: figures go by it. */
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly body?: unknown
}

/** Several people, who choose by chance what they do next, of what they know of. */
export interface Cast {
  read(random: Random): Ask
  write(random: Random): Ask
  /** Hears what a write was answered, so that later choices know of what there is. */
  learn?(ask: Ask, answer: { readonly status: number; readonly text: string }): void
}

/** An application with its cache, and the same without, on one database. */
export interface Subject {
  readonly cachedUrl: string
  readonly bareUrl: string
  readonly cast: Cast
  /** Headers that have to be the same, beside the content type. */
  readonly headers?: readonly string[]
  /** What of an answer has to be the same; all of it if left out. */
  readonly lasting?: (text: string) => string
  /** The cache, where it is in this process: names the keys of differences, and tells of hits by rule. */
  readonly cache?: Pick<Cache, 'observe' | 'stats'>
}
