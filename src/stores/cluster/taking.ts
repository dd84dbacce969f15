import type { StoredValue } from '../store.js'

/**
 * What came of trying to take the lease of a key: a fresh value, or whose lease stands, or the lease, or what is there
 * and not the cache's.
 */
export type Taking =
  | { readonly kind: 'value'; readonly stored: StoredValue }
  | {
      readonly kind: 'busy'
      readonly holder: string
      readonly isPending: boolean
      readonly stored: StoredValue | null
    }
  | { readonly kind: 'lease'; readonly stored: StoredValue | null }
  | { readonly kind: 'foreign'; readonly type: string }

/** As take.lua replies. */
export type RawTaking =
  | [kind: Buffer, type: Buffer]
  | [kind: Buffer, value: Buffer, remainingMs: number]
  | [kind: Buffer, token: Buffer, value: Buffer | null, remainingMs: number]
  | [kind: Buffer, holder: Buffer, isPending: number, value: Buffer | null, remainingMs: number]

/** The forms differ in their lengths, by which the compiler tells them apart. */
export function decodeTaking(raw: RawTaking): Taking {
  switch (raw.length) {
    case 2:
      return { kind: 'foreign', type: raw[1].toString() }
    case 3: {
      const [, value, remainingMs] = raw
      return { kind: 'value', stored: { value, remainingMs } }
    }
    case 4: {
      const [, , value, remainingMs] = raw
      return { kind: 'lease', stored: value && { value, remainingMs } }
    }
    case 5: {
      const [, holder, isPending, value, remainingMs] = raw
      return {
        kind: 'busy',
        holder: holder.toString(),
        isPending: isPending === 1,
        stored: value && { value, remainingMs },
      }
    }
  }
}
