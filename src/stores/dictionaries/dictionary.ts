import { hash } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'

/** Bytes that many values have in common, which a value packed with them then only refers to. */
export interface Dictionary {
  /** Of its bytes: 8 characters of `A-Z a-z 0-9 - _`. */
  readonly id: string
  readonly bytes: Buffer
}

/** A shorter value is as good as it is: its key takes more. */
const LEAST_BYTES = 64
/** To unpack as much keeps the event loop busy for less than a tenth of a millisecond. */
export const MOST_BYTES = 32_768
/** A byte that no text in UTF-8 has (RFC 3629, section 1), so neither JSON nor an HTTP message begins like it. */
const MARK = Buffer.of(0xfd)
/** 48 bits: two dictionaries of one id are one in 10^14 pairs, and the second is then not kept. */
const ID_BYTES = 6
const HEAD_BYTES = MARK.length + ID_BYTES

export function dictionaryOf(bytes: Buffer): Dictionary {
  return { id: hash('sha256', bytes, 'buffer').subarray(0, ID_BYTES).toString('base64url'), bytes }
}

/** The id of the dictionary that a value is packed with; `undefined` for one that is not packed. */
export function dictionaryIn(value: Buffer): string | undefined {
  if (value[0] !== MARK[0] || value.length <= HEAD_BYTES) return undefined
  return value.toString('base64url', MARK.length, HEAD_BYTES)
}

/** A value as raw DEFLATE (RFC 1951) behind the id of its dictionary; as it is, where that would not be smaller. */
export function packed(value: Buffer, { id, bytes }: Dictionary): Buffer {
  if (value.length < LEAST_BYTES || value.length > MOST_BYTES) return value
  const smaller = deflateRawSync(value, { dictionary: bytes })
  if (HEAD_BYTES + smaller.length >= value.length) return value
  return Buffer.concat([MARK, Buffer.from(id, 'base64url'), smaller])
}

/** What `packed` was given; `null` for what it has not made. */
export function unpacked(value: Buffer, { bytes }: Dictionary): Buffer | null {
  try {
    return inflateRawSync(value.subarray(HEAD_BYTES), { dictionary: bytes, maxOutputLength: MOST_BYTES })
  } catch {
    return null
  }
}
