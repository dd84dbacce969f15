import { isUtf8 } from 'node:buffer'
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** From here on to hash bytes takes a fraction of the time that it takes to parse them. */
const MIN_HASHED_BYTES = 256
/** Hashes of texts that have been parsed before; about 150 bytes each. */
const KNOWN = new LRUCache<string, true>({ max: 20_000 })

/** Whether bytes are JSON text, see `parseJsonText`. It parses a text once, so that stored answers cost little later. */
export function isJsonText(bytes: Buffer): boolean {
  if (!hasEndsOfJson(bytes)) return false
  if (bytes.length < MIN_HASHED_BYTES) return parseJsonText(bytes) !== undefined
  // Not SHA-1: of two texts that are made to have one hash, the second need not be JSON.
  const digest = hash('sha256', bytes, 'base64')
  if (KNOWN.get(digest)) return true
  if (!parseJsonText(bytes)) return false
  KNOWN.set(digest, true)
  return true
}

/**
 * The value of bytes that are JSON text; `undefined` for all else, also for JSON that is not in UTF-8 or begins with a
 * mark of byte order (RFC 8259, section 8.1).
 */
export function parseJsonText(bytes: Buffer): { readonly value: unknown } | undefined {
  if (!mayBeJsonText(bytes)) return undefined
  try {
    return { value: JSON.parse(bytes.toString('utf8')) }
  } catch {
    return undefined
  }
}

/** Tells most of what is no JSON without looking at all of it. */
export function mayBeJsonText(bytes: Buffer): boolean {
  return hasEndsOfJson(bytes) && isUtf8(bytes)
}

function hasEndsOfJson(bytes: Buffer): boolean {
  const text = bytes.length <= 64 ? bytes.toString('latin1').trim() : undefined
  if (text !== undefined && /^(true|false|null|-?\d[\d.eE+-]*)$/.test(text)) return true
  const first = bytes[0]
  const last = bytes[bytes.length - 1]
  if (bytes.length < 2) return false
  return (
    (first === 0x7b && last === 0x7d) ||
    (first === 0x5b && last === 0x5d) ||
    (first === 0x22 && last === 0x22)
  )
}
