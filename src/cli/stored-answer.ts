import { unpacked } from '../http/at-rest.js'
import { decodeRepresentation } from '../http/stored-bytes.js'

/** What lies under a key, as it would be sent. */
export interface StoredAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer
}

/** What is unpacked at most: a few bytes can stand for very many. */
const MOST_BYTES = 256 * 1024 * 1024

/** The answer that stored bytes stand for; `null` where they are something else, or damaged. */
export async function storedAnswer(value: Buffer): Promise<StoredAnswer | null> {
  const kept = decodeRepresentation(value)
  return kept && (await unpacked(kept, MOST_BYTES))
}

/** The body as text, where it is one. */
export function textOf({ headers, body }: StoredAnswer): string | null {
  if (headers['content-encoding'] !== undefined) return null
  const text = body.toString('utf8')
  return Buffer.from(text).equals(body) ? text : null
}
