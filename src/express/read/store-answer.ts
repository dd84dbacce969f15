import type { OutgoingHttpHeaders } from 'node:http'
import type { Load } from '../../engine/load.js'
import { compressed } from '../../http/at-rest.js'
import { parseCacheControl } from '../../http/cache-control.js'
import { hasFormOfWeakTag, type TagMaker, weakTag } from '../../http/etag.js'
import { builtOn, removedHeaders, replayableHeaders } from '../../http/replayable-headers.js'
import { encodeRepresentation } from '../../http/stored-bytes.js'
import { tagMakerOf } from '../tag-maker.js'
import type { CacheRequest } from './cache-request.js'
import type { MadeJson } from './made-json.js'

/** A complete answer that may be stored. */
export interface StorableAnswer {
  readonly status: number
  /** Of the route. */
  readonly headers: OutgoingHttpHeaders
  /** As the client got them. */
  readonly finalHeaders: OutgoingHttpHeaders
  readonly body: Buffer
  /** What middleware in front of the route had set. */
  readonly headersBefore: OutgoingHttpHeaders
  /** How long the answer is fresh. */
  readonly ttlMs: number
  readonly tags: readonly string[] | undefined
  /** If `res.json` has made the body. */
  readonly madeJson: MadeJson | null
}

/** Ends a load with what the handler has answered, which the store then keeps if the load's lease still stands. */
export function storeAnswer({ rule, res }: CacheRequest, load: Load, answer: StorableAnswer): void {
  const { status, headers, finalHeaders, body, headersBefore, ttlMs, tags, madeJson } = answer
  const etag = tagOf(tagMakerOf(res), answer)
  // RFC 9111, section 5.2.2.6: a cache may not change the body.
  const isCompressed = rule.compress && !parseCacheControl(finalHeaders['cache-control'])?.has('no-transform')
  // The tag that Express makes can be made again from the body as it is.
  const leftOut = headers.etag === etag && !isCompressed ? 'etag' : undefined
  const replayable = replayableHeaders(headers, headersBefore, leftOut)
  const stored = {
    status,
    headers: replayable,
    body,
    removedHeaders: removedHeaders(headers, headersBefore),
    builtOn: builtOn(replayable, headersBefore),
  }
  const lifetimeMs = ttlMs + rule.graceMs
  if (!isCompressed) {
    void load.complete(encodeRepresentation(stored, madeJson !== null), lifetimeMs, tags, rule.packedRule)
    return
  }
  if (etag !== undefined) replayable.etag ??= etag
  void compressed(stored)
    // Requests that wait for the load must not wait for ever, so an answer that cannot be compressed is kept as it is.
    .catch(() => stored)
    .then((smaller) => load.complete(encodeRepresentation(smaller), lifetimeMs, tags))
}

/** The tag of Express for a body; the one that it has just made is not made a second time. */
function tagOf(maker: TagMaker, { headers: { etag }, body, madeJson }: StorableAnswer): string | undefined {
  const isMade = madeJson?.isTagMade && maker === weakTag && hasFormOfWeakTag(etag, body)
  return isMade ? (etag as string) : maker?.(body)
}
