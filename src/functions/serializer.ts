import { CacheError } from '../errors.js'
import { parseJsonText } from '../http/json-text.js'
import { jsonFault } from './json-faults.js'

/** Makes texts of values, and values of texts: superjson is one. */
export interface Serializer {
  stringify(value: unknown): string
  parse(text: string): unknown
}

/** The bytes of values that functions give. */
export interface Codec {
  /** @throws CacheError `E_CACHE_VALUE` for what would be another value once it is read again. */
  encode(value: unknown, where: string): Buffer
  /** None for bytes that are no value. */
  decode(bytes: Buffer): { readonly value: unknown } | null | undefined
}

const JSON_CODEC: Codec = {
  encode(value, where) {
    const fault = jsonFault(value)
    if (fault !== undefined) throw unsayable(where, fault)
    return Buffer.from(JSON.stringify(value))
  },
  decode: parseJsonText,
}

/** Without a serializer, values are JSON and nothing else. */
export function codecOf(serializer: Serializer | undefined): Codec {
  if (!serializer) return JSON_CODEC
  return {
    encode(value, where) {
      const text: unknown = serializer.stringify(value)
      if (typeof text === 'string') return Buffer.from(text)
      throw unsayable(where, 'the serializer gave no text')
    },
    decode(bytes) {
      try {
        return { value: serializer.parse(bytes.toString()) }
      } catch {
        return null
      }
    },
  }
}

function unsayable(where: string, fault: string): CacheError {
  return new CacheError('E_CACHE_VALUE', {
    where,
    problem: `a hit would give another value than the function: ${fault}`,
    mend: 'Give plain data (null for nothing), or a serializer such as superjson.',
  })
}
