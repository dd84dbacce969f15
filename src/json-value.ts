import { plainBody } from './http/at-rest.js'
import { decodeRepresentation, encodeJson, parsedJson } from './http/representation.js'
import type { StoredValue } from './stores/store.js'
import { toJson } from './tools/to-json.js'

/**
 * The bytes to store for a value; `undefined` for what has no JSON, such as a function.
 *
 * @throws CacheError `E_CACHE_VALUE` for cycles and bigint.
 */
export function encodeValue(value: unknown, where: string): Buffer | undefined {
  const text = toJson(value, where)
  return text === undefined ? undefined : encodeJson(Buffer.from(text))
}

/** The value that stored bytes stand for; `null` if there are none, or they are an answer that is not JSON. */
export function decodeValue(found: StoredValue | null): unknown {
  const representation = found && decodeRepresentation(found.value)
  if (!representation) return null
  return parsedJson(representation.headers['content-type'], plainBody(representation)) ?? null
}
