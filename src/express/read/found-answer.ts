import { fitFor } from '../../http/at-rest.js'
import type { Representation } from '../../http/representation.js'
import { tagMakerOf } from '../tag-maker.js'
import { unwatchedHeaders } from '../watched-request.js'
import type { CacheRequest } from './cache-request.js'

/**
 * What has been decoded of found bytes, as a request's client takes it; `null` if its rule has not stored that. At once,
 * unless the body has to be unpacked.
 *
 * @param isForPlain - Whether the body has to be as the handler gave it, whatever the client takes.
 */
export function foundAnswer(
  { rule, context, req, res }: CacheRequest,
  decoded: Representation | null,
  isForPlain = false,
): Representation | null | Promise<Representation | null> {
  if (!decoded || !rule.statuses.has(decoded.status)) return null
  // Most are kept as they are, and to find the maker of tags takes time.
  if (decoded.encoding === undefined) return decoded
  const acceptEncoding = isForPlain ? undefined : unwatchedHeaders(req)['accept-encoding']
  return fitFor(decoded, { acceptEncoding, makeTag: tagMakerOf(res), maxBytes: context.maxBodyBytes })
}
