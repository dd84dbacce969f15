const OUTCOMES = ['HIT', 'MISS', 'STALE', 'BYPASS'] as const
type Outcome = (typeof OUTCOMES)[number]

/** What an answer says of the cache, and how long it took. */
export interface Note {
  /** `X-Cache`; none for a route that is not cached. */
  readonly outcome: Outcome | null
  readonly ms: number
  /** For how long the entry is still good, in seconds. */
  readonly ttlSeconds: number | null
  /** Why a cache was passed by. */
  readonly detail: string | null
}

/** Reads what the library writes into the head of an answer (`Cache-Status`: RFC 9211). */
export function noteOf(headers: Pick<Headers, 'get'>, ms: number): Note {
  const status = headers.get('cache-status') ?? ''
  const ttl = /;\s*ttl=(\d+)/.exec(status)?.[1]
  const detail = /;\s*detail=(?:"([^"]*)"|([^;,\s]+))/.exec(status)
  return {
    outcome: OUTCOMES.find((outcome) => outcome === headers.get('x-cache')) ?? null,
    ms,
    ttlSeconds: ttl === undefined ? null : Number(ttl),
    detail: detail?.[1] ?? detail?.[2] ?? null,
  }
}
