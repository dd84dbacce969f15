import { type BrowsedEntry, TAG_BYTES_AT_ONCE } from '../browsing.js'
import { REDIS_LUA } from '../lua/scripts.generated.js'
import { defineScript } from './define-script.js'

/*
 * What lies there, for people who look.
 */

export const browse = defineScript({
  command: 'cacheableBrowse',
  source: REDIS_LUA.browse,
  keys: ['index'],
  encode: ({ prefix, start, after, budget, most }: BrowseInput) => [
    prefix,
    start,
    after,
    budget,
    most,
    TAG_BYTES_AT_ONCE,
  ],
  decode: ([found, next]: [RawEntry[], Buffer | null]): BrowsedBatch => ({
    entries: found.map(([key, bytes, remainingMs, tags]) => ({
      key: String(key),
      bytes,
      remainingMs,
      tags: tags.length === 0 ? [] : String(tags).split('\0'),
    })),
    next,
  }),
  isBinary: true,
})

export const countListed = defineScript({
  command: 'cacheableCountListed',
  source: REDIS_LUA.count,
  keys: ['index'],
  encode: ({ start, after, pages }: CountedRange) => [start, after, pages],
  decode: ([count, next]: [number, Buffer | null]): CountedBatch => ({ count, next }),
  isBinary: true,
})

export const BROWSING_SCRIPTS = [browse, countListed]

interface BrowseInput {
  /** Of the store. */
  readonly prefix: string
  /** What the keys begin with. */
  readonly start: string
  /** The key behind which to go on; empty: at the beginning. */
  readonly after: string | Buffer
  /** How many keys the script may look at. */
  readonly budget: number
  /** How many entries it may give. */
  readonly most: number
}

type RawEntry = [key: Buffer, bytes: number, remainingMs: number, tags: Buffer]

export interface BrowsedBatch {
  readonly entries: readonly BrowsedEntry[]
  /** The key behind which there may be more. */
  readonly next: Buffer | null
}

export interface CountedRange {
  readonly start: string
  /** The entry of the index behind which to go on; empty: at the beginning. */
  readonly after: string | Buffer
  /** How many pages the script may look at. */
  readonly pages: number
}

export interface CountedBatch {
  readonly count: number
  /** The entry of the index behind which there may be more. */
  readonly next: Buffer | null
}
