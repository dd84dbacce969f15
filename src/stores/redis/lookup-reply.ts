import type { Lookup } from '../store.js'

/** What a store says of one key; `none`, where there is nothing and no lease was wanted. */
export type LookupReply = Lookup | { readonly kind: 'none' }

/**
 * What the lookup script says of one key. `refused`: with the error of Redis. `gone`: there is a fresh value, or was one,
 * but its bytes have not come.
 */
export type DecodedLookup =
  | LookupReply
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'gone' }

/** A value, nothing, or what else there is to say: in a text, with a stale value; or a fresh value with its tags. */
type RawLookup = RawValue | null | readonly [kind: Buffer, text?: Buffer, stale?: RawValue | null]
/** A number where the bytes come by another command. */
type RawValue = Buffer | number

/** Two elements for each key, the second of which is what the value has left to live. */
export type RawLookups = readonly (RawLookup | number)[]

/** What another command has brought of the same keys: values, and the records of those whose tags are needed. */
export interface BytesApart {
  readonly values: readonly (Buffer | null)[]
  readonly records: readonly (Buffer | null | undefined)[]
}

export function decodeLookups(raw: RawLookups, apart?: BytesApart): readonly DecodedLookup[] {
  const replies: DecodedLookup[] = []
  for (let at = 0; at < raw.length; at += 2) {
    const bytes = apart && { value: apart.values[at / 2] ?? null, record: apart.records[at / 2] }
    replies.push(decodeLookup(raw[at] as RawLookup, raw[at + 1] as number, bytes))
  }
  return replies
}

interface OwnBytes {
  readonly value: Buffer | null
  /** `undefined`: it is not needed. */
  readonly record: Buffer | null | undefined
}

function decodeLookup(raw: RawLookup, remainingMs: number, apart: OwnBytes | undefined): DecodedLookup {
  if (raw === null) return { kind: 'none' }
  if (typeof raw === 'number') return decodeApart(remainingMs, apart)
  if (Buffer.isBuffer(raw)) return { kind: 'hit', value: raw, remainingMs }
  const [kind, text, third] = raw as Exclude<RawLookup, RawValue | null>
  const staleValue = typeof third === 'number' ? apart?.value : third
  const stale = staleValue ? { value: staleValue, remainingMs } : null
  switch (String(kind)) {
    case 'hit':
      return { kind: 'hit', value: text as Buffer, remainingMs, tags: tagsInRecord(String(third)) }
    case 'lease':
      return { kind: 'lease', lease: String(text), stale }
    case 'busy':
      return { kind: 'busy', lease: String(text), stale }
    case 'full':
      return { kind: 'full' }
    case 'intended':
      return { kind: 'intended' }
    case 'foreign':
      return { kind: 'foreign', type: String(text) }
    default:
      return { kind: 'refused', reason: String(text) }
  }
}

function decodeApart(remainingMs: number, apart: OwnBytes | undefined): DecodedLookup {
  const { value = null, record } = apart ?? {}
  if (value === null || record === null) return { kind: 'gone' }
  if (record === undefined) return { kind: 'hit', value, remainingMs }
  return { kind: 'hit', value, remainingMs, tags: tagsInRecord(String(record)) }
}

/** See tags.lua. */
function tagsInRecord(record: string): readonly string[] {
  return record === '' ? [] : record.split('\0')
}
