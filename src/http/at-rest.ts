import { promisify } from 'node:util'
import { brotliCompress, brotliDecompressSync, constants } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import type { Representation } from './representation.js'

/** Less is not worth the work. */
const MIN_BYTES = 1_024
/** About as fast as gzip, and smaller. The best quality would take a hundred times as long. */
const QUALITY = 5
const COMPRESSIBLE = /^(text\/|application\/(.+\+)?(json|xml|javascript)\b|image\/svg)/i

/** An answer as it is kept where the rule says `compress`; the same, if it would not be smaller. */
export async function compressed(answer: Representation): Promise<Representation> {
  const { headers, body } = answer
  const isFit =
    COMPRESSIBLE.test(String(headers['content-type'])) && headers['content-encoding'] === undefined
  if (!isFit || body.length < MIN_BYTES) return answer
  const smaller = await promisify(brotliCompress)(body, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: QUALITY,
      [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
    },
  })
  return smaller.length < body.length ? { ...answer, body: smaller, encoding: 'br' } : answer
}

/** The body as the handler gave it. */
export function plainBody({ body, encoding }: Pick<Representation, 'body' | 'encoding'>): Buffer {
  return encoding === undefined ? body : brotliDecompressSync(body)
}

/** Clients send the same few texts, and to read one takes longer than to find it. */
const TAKES_BROTLI = new LRUCache<string, boolean>({ max: 100 })

/** Whether a client takes `br` (RFC 9110, section 12.5.3). */
export function acceptsBrotli(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false
  const known = TAKES_BROTLI.get(acceptEncoding)
  if (known !== undefined) return known
  const negotiator = new Negotiator({ headers: { 'accept-encoding': acceptEncoding } })
  const isTaken = negotiator.encodings(['br']).length > 0
  TAKES_BROTLI.set(acceptEncoding, isTaken)
  return isTaken
}

/** One answer in two encodings cannot have one strong tag (RFC 9110, section 8.8.1). */
export function weakened(etag: string): string {
  return etag.startsWith('W/') ? etag : `W/${etag}`
}
