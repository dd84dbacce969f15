/** The rule an event belongs to, for accounts and log lines. */
export interface RuleLabel {
  /** Class and method, or the call that made the rule. */
  readonly where: string
  /** The key template. */
  readonly key: string
}

/**
 * What the cache tells of its doings. Log lines, statistics, metrics and tests listen to this and to nothing else. Every request that meets a rule for reading gives exactly one of `hit`, `stale`, `miss`, `bypass`.
 */
export type CacheEvent =
  /** Answered from the store; `ms` is the lookup, `bytes` the body or the value, `ttlMs` what is left of its TTL. */
  | {
      readonly type: 'hit'
      readonly rule: RuleLabel
      readonly key: string
      readonly ms: number
      readonly bytes: number
      readonly ttlMs: number
    }
  /** Answered from the store after the TTL, inside the grace period: `ttlMs` is below 0. */
  | {
      readonly type: 'stale'
      readonly rule: RuleLabel
      readonly key: string
      readonly ms: number
      readonly bytes: number
      readonly ttlMs: number
    }
  /** The handler ran, or (`collapsed`) another request's handler answered this one too; `ms` is that wait. */
  | {
      readonly type: 'miss'
      readonly rule: RuleLabel
      readonly key: string
      readonly ms: number
      readonly collapsed: boolean
    }
  /** A handler ran behind answers that had been given already; `ms` is how long. Not a request, so in no account. */
  | { readonly type: 'reload'; readonly rule: RuleLabel; readonly key: string; readonly ms: number }
  /** The cache was not used. */
  | {
      readonly type: 'bypass'
      readonly rule: RuleLabel
      readonly key: string | null
      readonly reason: string
    }
  /** A miss's answer was stored; `ttlMs` with its grace. */
  | {
      readonly type: 'fill'
      readonly rule: RuleLabel | null
      readonly key: string
      readonly bytes: number
      readonly ttlMs: number
      readonly tags: readonly string[]
    }
  /** A miss's answer came after an eviction, or after its lease ended, and was not stored. */
  | { readonly type: 'fill-refused'; readonly rule: RuleLabel | null; readonly key: string }
  /** A miss's answer may not be stored. */
  | { readonly type: 'not-stored'; readonly rule: RuleLabel; readonly key: string; readonly reason: string }
  /** A write answered with an error (status 400 and up), so it evicted and stored nothing. */
  | { readonly type: 'write-failed'; readonly rule: RuleLabel; readonly status: number }
  /** A write's answer became an entry, or (`stored: false`) its key was evicted instead. */
  | {
      readonly type: 'put'
      readonly rule: RuleLabel | null
      readonly key: string
      readonly stored: boolean
      readonly bytes: number
    }
  /**
   * Entries were removed, and the store has acknowledged it. `by`: the write's route, where that is known, or class and method,
   * or the call; `null` where nobody knows.
   */
  | {
      readonly type: 'evict'
      readonly by: string | null
      readonly targets: readonly string[]
      readonly removed: number
      readonly ms: number
    }
  /** Ahead of a write with `crashSafe`, what it will evict was removed, and nothing is stored under it for now. */
  | {
      readonly type: 'intent'
      readonly targets: readonly string[]
      readonly removed: number
      readonly ms: number
    }
  /** The store did not acknowledge that: the write goes on as one without `crashSafe`. */
  | { readonly type: 'intent-missed'; readonly targets: readonly string[] }
  /** The store did not acknowledge an eviction: it is pending, and nothing is served until it is delivered. */
  | { readonly type: 'evict-kept'; readonly targets: readonly string[] }
  /** Pending evictions were delivered. */
  | { readonly type: 'evict-delivered'; readonly targets: readonly string[] }
  /**
   * The answer of a write has waited for a followed database, `ms` long: until what it had committed was evicted, or not
   * `passed`: then all that was made from its rows was.
   */
  | { readonly type: 'barrier'; readonly database: string; readonly passed: boolean; readonly ms: number }
  /**
   * A write has left an entry although it was made from what the write has changed; see `dependencies: 'check'`. `write` and
   * `read` are the route or the method; `null` where no rule says so.
   */
  | {
      readonly type: 'forgotten'
      readonly write: string | null
      readonly tags: readonly string[]
      readonly key: string
      readonly read: string | null
    }
  /**
   * A hit was to be asked again behind its answer; see `createCache({ audit })`.
   *
   * - `agreed`: the handler answers what is stored.
   * - `settled`: it answered something else, and the entry went, was replaced or agreed within a minute.
   * - `stale`: it went on answering something else than the entry, which has not changed, for a minute and more.
   * - `unclear`: it gave nothing that could be compared; `reason` says why.
   * - `skipped`: it was not asked; `reason` says why.
   */
  | {
      readonly type: 'audit'
      readonly rule: RuleLabel
      readonly key: string
      readonly outcome: 'agreed' | 'settled' | 'stale' | 'unclear' | 'skipped'
      /** Of a stale entry: names of the fields that differ, never their values. */
      readonly fields?: readonly string[]
      /** Of a stale entry: how long it is known to have been that. */
      readonly staleForMs?: number
      readonly reason?: string
    }
  /** A stored value could not be read and was discarded. */
  | { readonly type: 'discard'; readonly key: string; readonly reason: string }
  /** Under a key lies what is not the cache's, of the type `found`. The cache leaves it alone and stores nothing there. */
  | { readonly type: 'foreign'; readonly key: string; readonly found: string }
  /** An option that is a function threw. */
  | {
      readonly type: 'option-failed'
      readonly rule: RuleLabel
      readonly option: string
      readonly error: unknown
    }
  /** So many of the rows have been looked at, and of those so many are in the cache now. */
  | {
      readonly type: 'warm'
      readonly name: string
      readonly done: number
      readonly total: number
      readonly warmed: number
    }
  /** Warming did not get to its end. */
  | { readonly type: 'warm-stopped'; readonly name: string; readonly stored: number; readonly reason: string }
  /** Whether requests send the store commands (`closed`), do not (`open`), or a probe alone does (`half-open`). */
  | { readonly type: 'circuit'; readonly state: 'closed' | 'open' | 'half-open' }
  /** The store stopped answering; told once for each outage. */
  | { readonly type: 'store-down'; readonly error: unknown }
  /** The store answers again. */
  | { readonly type: 'store-up' }

export type CacheListener = (event: CacheEvent) => void
