import type { Lookup } from '../store.js'

/** What the lookup script says of one key: `none`, if no lease was wanted; or `refused`, with the error of Redis. */
export type LookupReply =
  | Lookup
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly reason: string }

/** A fresh value, nothing, or what else there is to say: in a text, with a stale value; or a fresh value with its tags. */
type RawLookup = Buffer | null | readonly [kind: Buffer, text?: Buffer, stale?: Buffer | null]

/** Two elements for each key, the second of which is what the value has left to live. */
export function decodeLookups(raw: readonly (RawLookup | number)[]): readonly LookupReply[] {
  const replies: LookupReply[] = []
  for (let at = 0; at < raw.length; at += 2) {
    replies.push(decodeLookup(raw[at] as RawLookup, raw[at + 1] as number))
  }
  return replies
}

function decodeLookup(raw: RawLookup, remainingMs: number): LookupReply {
  if (raw === null) return { kind: 'none' }
  if (Buffer.isBuffer(raw)) return { kind: 'hit', value: raw, remainingMs }
  const [kind, text, staleValue] = raw
  const stale = staleValue ? { value: staleValue, remainingMs } : null
  switch (String(kind)) {
    case 'hit':
      return { kind: 'hit', value: text as Buffer, remainingMs, tags: tagsInRecord(String(staleValue)) }
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

/** See tags.lua. */
function tagsInRecord(record: string): readonly string[] {
  return record === '' ? [] : record.split('\0')
}
