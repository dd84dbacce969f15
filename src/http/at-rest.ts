import { constants as bufferConstants } from 'node:buffer'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import { LRUCache } from 'lru-cache'
import Negotiator from 'negotiator'
import { etagOf, type TagMaker } from './etag.js'
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

/** Who is to get an answer that may be kept compressed. */
export interface Taker {
  readonly acceptEncoding: string | undefined
  readonly makeTag: TagMaker
  /** An answer that would be larger than this, unpacked, has not been stored by us. */
  readonly maxBytes: number
}

/** Those whose bodies have been unpacked once, so that they are known to be what they say. */
const SOUND = new WeakSet<Representation>()

/**
 * An answer as one client takes it: as it is kept, with its tag made, or unpacked. `null` if it cannot be unpacked.
 *
 * At once, unless something has to be unpacked: off the event loop, since a few bytes can stand for very many.
 */
export function fitFor(
  answer: Representation,
  taker: Taker,
): Representation | Promise<Representation | null> {
  if (answer.encoding === undefined) return answer
  const isTaken = acceptsBrotli(taker.acceptEncoding)
  const isTagKnown = answer.headers.etag !== undefined || answer.tag?.by === taker.makeTag
  return isTaken && isTagKnown && SOUND.has(answer) ? answer : fitted(answer, isTaken, taker)
}

async function fitted(
  answer: Representation,
  isTaken: boolean,
  { makeTag, maxBytes }: Taker,
): Promise<Representation | null> {
  const plain = await unpacked(answer, maxBytes)
  if (!plain) return null
  SOUND.add(answer)
  if (!isTaken) return plain
  if (answer.headers.etag === undefined) answer.tag = { by: makeTag, etag: etagOf(plain, makeTag) }
  return answer
}

/** An answer with its body as the handler gave it; `null` if that cannot be had, or is larger than `maxBytes`. */
export async function unpacked(answer: Representation, maxBytes: number): Promise<Representation | null> {
  if (answer.encoding === undefined) return answer
  const maxOutputLength = Math.max(1, Math.floor(Math.min(maxBytes, bufferConstants.MAX_LENGTH)))
  try {
    const body = await promisify(brotliDecompress)(answer.body, { maxOutputLength })
    return { ...answer, body, encoding: undefined }
  } catch {
    return null
  }
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
