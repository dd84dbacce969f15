import { unpacked } from './http/at-rest.js'
import { parseJsonText } from './http/json-text.js'
import { parsedJson } from './http/representation.js'
import { decodeMessage } from './http/stored-message.js'
import type { StoredValue } from './stores/store.js'
import { toJson } from './tools/to-json.js'

/**
 * The bytes to store for a value; `undefined` for what has no JSON, such as a function.
 *
 * @throws CacheError `E_CACHE_VALUE` for cycles and bigint.
 */
export function encodeValue(value: unknown, where: string): Buffer | undefined {
  const text = toJson(value, where)
  return text === undefined ? undefined : Buffer.from(text)
}

/** What may be under a key. */
export interface Stored {
  readonly found: StoredValue | null
  /** Whether an answer of a status can have been stored there. */
  readonly mayHaveStatus: (status: number) => boolean
  readonly maxBodyBytes: number
}

/** The value that stored bytes stand for; `null` if there are none, or they are an answer that is not JSON. */
export async function decodeValue({ found, mayHaveStatus, maxBodyBytes }: Stored): Promise<unknown> {
  if (!found) return null
  const json = parseJsonText(found.value)
  if (json) return json.value
  const answer = decodeMessage(found.value)
  if (!answer || !mayHaveStatus(answer.status)) return null
  const plain = await unpacked(answer, maxBodyBytes)
  return parsedJson(answer.headers['content-type'], plain?.body ?? null) ?? null
}
