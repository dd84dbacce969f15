import { EVICTIONS, EvictionMessage, type ObservedCache } from '../diagnostics/channels.js'
import { Trace } from '../diagnostics/trace.js'
import { isTooLongForKey, isTooLongToMatch } from '../keys/key-limits.js'
import type { BrowsedPage, BrowseRequest } from '../stores/browsing.js'
import type { Gathering } from '../stores/gathering.js'
import type {
  KeyLimit,
  Lookup,
  LookupOptions,
  Selector,
  Store,
  StoredValue,
  TaggedEntry,
} from '../stores/store.js'
import { StoreRefusal } from '../stores/store-refusal.js'
import { realTime } from '../tools/real-time.js'
import type { CircuitState } from './availability.js'
import type { CacheEvent, RuleLabel } from './cache-event.js'
import { type Intent, Intents } from './intents.js'
import type { Load } from './load.js'
import { Loads } from './loads.js'
import { selectorText } from './selector-text.js'
import { type Execute, StoreAccess } from './store-access.js'

/**
 * What a reader is to do.
 *
 * - `hit`, `stale`: serve the value.
 * - `loaded`: serve the value that another request of this process has just loaded.
 * - `load`: run the handler and end the load. `stale` may stand in if the handler fails.
 * - `pass-through`: run the handler; nothing is stored and no other request waits. `reason` says why.
 */
export type Reading =
  | ({ readonly kind: 'hit' | 'stale' } & StoredValue)
  | { readonly kind: 'loaded'; readonly value: Buffer; readonly tags: readonly string[] }
  | { readonly kind: 'load'; readonly load: Load; readonly stale: StoredValue | null }
  | { readonly kind: 'pass-through'; readonly reason: string }

/** What `read` would find, and do before it waits for anybody. */
export type Foresight =
  | ({ readonly kind: 'hit' | 'stale' } & StoredValue)
  /** The request would load; or, `isBusy`, wait for another that does. */
  | { readonly kind: 'load'; readonly isBusy: boolean; readonly stale: StoredValue | null }
  | { readonly kind: 'pass-through'; readonly reason: string }

export interface ReadOptions {
  /** A value with no more than this left to live is past its TTL. */
  readonly graceMs: number
  /** For how long of the grace a stale value is served while another request reloads. */
  readonly staleWhileRevalidateMs: number
  /** How many keys of its kind the store may hold; without one, any number. */
  readonly keyLimit?: KeyLimit | undefined
  /** `reload`: whatever is there is past its time and is not served; `normal` if left out. */
  readonly mode?: 'normal' | 'reload' | undefined
  /** Whether a value is wanted with its tags alone. */
  readonly needsTags?: boolean | undefined
  /** Whose load it is, if there has to be one. */
  readonly rule?: RuleLabel | undefined
}

/** A grace that no value outlives: to one who reads so, each is stale. */
const ENDLESS_GRACE_MS = Number.MAX_SAFE_INTEGER

/**
 * Cache-aside with leases over any store: looks up, lets one load per key run, evicts. Knows keys and bytes, no HTTP.
 * Trouble with the store never rejects; it shows in the result.
 */
export class Engine {
  readonly #store: Store
  readonly #leaseMs: number
  readonly #emit: (event: CacheEvent) => void
  readonly #cache: ObservedCache
  readonly #access: StoreAccess
  readonly #loads: Loads
  readonly #intents: Intents
  #tellWatched: (isWatched: boolean) => void = () => {}
  #tellEvicted: (selectors: readonly Selector[]) => void = () => {}

  /** @param cache - Whose engine it is, for those who listen to loads and evictions. */
  constructor(
    store: Store,
    leaseMs: number,
    emit: (event: CacheEvent) => void,
    cache: ObservedCache = { keyPrefix: '' },
  ) {
    this.#store = store
    this.#leaseMs = leaseMs
    this.#emit = emit
    this.#cache = cache
    this.#access = new StoreAccess(store, emit, (isWatched) => {
      void this.#loads.releaseUnreleased()
      void this.#intents.settleKept()
      this.#tellWatched(isWatched)
    })
    const execute: Execute = (command) => this.#access.execute(command)
    this.#loads = new Loads({ store, execute, leaseMs, emit, cache })
    this.#intents = new Intents({ store, execute, lifetimeMs: leaseMs, emit })
  }

  /** Whether requests send the store commands at the moment. */
  get circuit(): CircuitState {
    return this.#access.circuit
  }

  /** How many evictions the store has not acknowledged. */
  get pendingEvictions(): number {
    return this.#access.pending.size
  }

  /** Resolves once this process may serve what others have stored, or will not soon; never rejects. */
  async ready(): Promise<void> {
    await this.#store.ready()
    if (this.#store.isAvailable()) await this.#access.join()
  }

  /** A value that this process may serve on its own. `null`: `read` has to look it up in the store. */
  hit(key: string, graceMs: number): StoredValue | null {
    return this.#access.mayServe ? this.#store.hit(key, graceMs) : null
  }

  async read(key: string, options: ReadOptions): Promise<Reading> {
    const lookup = this.#lookupOptions(options)
    // Time for a leader that dies, whose lease ends by itself, and for the next one's load.
    const waitUntil = realTime.now() + 2 * this.#leaseMs
    for (;;) {
      const found = await this.#access.execute(() => this.#store.lookup(key, lookup))
      if (!isOfUse(found, this.#access.mayBelieve)) return { kind: 'pass-through', reason: whyPast(found) }
      if (found.kind === 'hit') return found
      if (found.kind === 'lease') {
        const stale = this.#access.mayBelieve ? found.stale : null
        return { kind: 'load', load: this.#loads.begin(key, found.lease, options.rule ?? null), stale }
      }
      const { stale, lease } = found
      if (stale && this.#access.mayBelieve && mayRevalidate(stale, options))
        return { ...stale, kind: 'stale' }
      const leftMs = waitUntil - realTime.now()
      if (leftMs <= 0) return { kind: 'pass-through', reason: 'waited too long' }
      const outcome = await this.#loads.outcomeOf(key, lease, leftMs)
      if (outcome.kind === 'value') return { kind: 'loaded', value: outcome.value, tags: outcome.tags }
      if (outcome.kind === 'unshareable') return { kind: 'pass-through', reason: 'answer not shareable' }
    }
  }

  /** What `read` would do now, for whoever asks: it takes the same way, waits for nobody, and gives a lease back at once. */
  async foresee(key: string, options: ReadOptions): Promise<Foresight> {
    const lookup = this.#lookupOptions(options)
    const found = await this.#access.execute(() => this.#store.lookup(key, lookup))
    const { mayBelieve } = this.#access
    if (found?.kind === 'lease') this.#loads.begin(key, found.lease, options.rule ?? null).cancel()
    if (!isOfUse(found, mayBelieve)) return { kind: 'pass-through', reason: whyPast(found) }
    if (found.kind === 'hit') return found
    const stale = mayBelieve ? found.stale : null
    const isBusy = found.kind === 'busy'
    return isBusy && stale && mayRevalidate(stale, options)
      ? { ...stale, kind: 'stale' }
      : { kind: 'load', isBusy, stale }
  }

  /** The right to load a key anew although a fresh value is there; `null` if another has it, or there is no value. */
  async reload(key: string, rule: RuleLabel | null = null): Promise<Load | null> {
    const lookup = this.#lookupOptions({ graceMs: 0, mode: 'reload' })
    const found = await this.#access.execute(() => this.#store.lookup(key, lookup))
    if (found?.kind !== 'lease') return null
    const load = this.#loads.begin(key, found.lease, rule)
    if (found.stale) return load
    load.cancel()
    return null
  }

  /** A value, if there is a fresh one, without a right or a duty to load it. */
  async peek(key: string, graceMs = 0): Promise<StoredValue | null> {
    if (isTooLongForKey(key)) return null
    const found = await this.#access.execute(() => this.#store.get(key))
    return found && this.#access.mayBelieve && found.remainingMs > graceMs ? found : null
  }

  /** The same of several keys, looked up at once: they share a round trip. */
  peekAll(keys: readonly string[]): Promise<(StoredValue | null)[]> {
    return Promise.all(keys.map((key) => this.peek(key)))
  }

  /**
   * Says ahead of a write what it will evict, for the case that this process dies in between. `settle`, or the eviction,
   * ends that. `null`: nothing needs to be ended.
   */
  intend(targets: readonly Selector[]): Promise<Intent | null> {
    return this.#intents.begin(targets.filter(canReachKeys))
  }

  /** Ends the intent of a write that evicts nothing. Never rejects. */
  settle(intent: Intent): Promise<void> {
    return this.#intents.settle(intent)
  }

  /**
   * Removes; what the store does not acknowledge becomes a pending eviction.
   *
   * @param intent - Ends with it; at the latest when it is delivered.
   * @param by - Who evicts, for those who listen.
   * @returns How many values were removed; 0, if it is pending.
   */
  async evict(
    targets: readonly Selector[],
    intent: Intent | null = null,
    by: string | null = null,
  ): Promise<number> {
    return (await this.tryEvict(targets, intent, by)) ?? 0
  }

  /** The same. @returns `null`: it is pending. */
  async tryEvict(
    targets: readonly Selector[],
    intent: Intent | null,
    by: string | null,
  ): Promise<number | null> {
    const selectors = targets.filter(canReachKeys)
    if (selectors.length === 0) {
      if (intent) void this.settle(intent)
      return 0
    }
    return EVICTIONS.hasSubscribers
      ? this.#evictTraced(selectors, intent, by)
      : this.#evict(selectors, intent, by)
  }

  async #evictTraced(
    selectors: readonly Selector[],
    intent: Intent | null,
    by: string | null,
  ): Promise<number | null> {
    const targets = selectors.map(selectorText)
    const trace = new Trace(EVICTIONS, new EvictionMessage({ cache: this.#cache, by, targets }))
    const removed = await trace.run(() => this.#evict(selectors, intent, by))
    trace.message.removed = removed
    trace.settled()
    trace.ended()
    return removed
  }

  /** @returns How many values were removed; `null`: it is pending. */
  async #evict(
    selectors: readonly Selector[],
    intent: Intent | null,
    by: string | null,
  ): Promise<number | null> {
    const startedAt = realTime.now()
    const removed = await this.#access.evict(selectors, intent?.token)
    this.#tellEvicted(selectors)
    if (removed === null) {
      if (intent) this.#intents.keep(intent)
      return null
    }
    this.#emit({
      type: 'evict',
      by,
      targets: selectors.map(selectorText),
      removed,
      ms: realTime.now() - startedAt,
    })
    return removed
  }

  /** Sets the one listener that is told of each eviction of this process once it has been acknowledged, or is pending. */
  onEvicted(listener: (selectors: readonly Selector[]) => void): void {
    this.#tellEvicted = listener
  }

  /** The entries that carry one of these tags, or some of them if they are more than the limit. `null`: nobody knows. */
  tagged(tags: readonly string[], limit: number): Promise<readonly TaggedEntry[] | null> {
    return this.#access.execute(() => this.#store.tagged(tags, limit))
  }

  /** Entries for people who look, as of `Store`. `null`: nobody knows. */
  browse(request: BrowseRequest): Promise<BrowsedPage | null> {
    return this.look(() => this.#store.browse(request))
  }

  /** How many held keys begin with a text, as of `Store`. `null`: nobody knows. */
  count(prefix: string): Promise<number | null> {
    return this.look(() => this.#store.count(prefix))
  }

  /** How the processes that share the store tell of themselves; `null` while it does not answer, or no other shares it. */
  get gathering(): Gathering | null {
    return (this.circuit === 'closed' && this.#store.gathering) || null
  }

  /** Sets the one listener that is told after each heartbeat whether somebody looks at the processes. */
  onWatched(listener: (isWatched: boolean) => void): void {
    this.#tellWatched = listener
  }

  /** What the processes that share the store have in common, as of `Store`. `null`: nobody knows. */
  name(own: string): Promise<string | null> {
    return this.look(() => this.#store.name(own))
  }

  /** Executes what people ask who look: where the store refuses that, it may still give requests what they ask. */
  look<T>(command: () => Promise<T>): Promise<T | null> {
    return this.#access.execute(async () => {
      try {
        return await command()
      } catch (error) {
        if (!(error instanceof StoreRefusal)) throw error
        if (error.scope === 'all') this.reportTrouble(error)
        return null
      }
    })
  }

  /**
   * Resolves once no eviction is pending: all that was evicted before is gone from the store.
   *
   * @throws Error if the engine is closed before that.
   */
  whenDelivered(): Promise<void> {
    return this.#access.pending.whenDelivered()
  }

  /** Stores a value that is newer than what is there. @returns Whether it was stored. */
  async set(key: string, value: Buffer, ttlMs: number): Promise<boolean> {
    if (isTooLongForKey(key)) return false
    const stored = await this.#access.execute(() => this.#store.set(key, value, ttlMs))
    // The caller knows a newer value, so the one that may be in the store must not be served again, by anybody.
    if (stored === null) await this.evict([{ kind: 'key', key }], null, 'cache.set')
    return stored ?? false
  }

  /** A token for `put`, or `null` when the store is not available. @param own - The intent of who asks. */
  fence(group: string, own: Intent | null = null): Promise<string | null> {
    return this.#access.execute(() => this.#store.fence(group, own?.token))
  }

  /** Makes a write's answer the entry, or evicts the key if that answer may be old already. */
  async put(
    key: string,
    fence: string | null,
    value: Buffer,
    ttlMs: number,
    tags?: readonly string[],
    rule: RuleLabel | null = null,
  ): Promise<void> {
    const outcome =
      fence && (await this.#access.execute(() => this.#store.put(key, fence, value, ttlMs, 'replace', tags)))
    this.#emit({ type: 'put', rule, key, stored: outcome === 'stored', bytes: value.length })
    if (!outcome) await this.evict([{ kind: 'key', key }], null, rule?.where)
  }

  /** Stores a value read behind a fence where none is. `null`: the store is not available. */
  putIfAbsent(
    key: string,
    fence: string,
    value: Buffer,
    ttlMs: number,
    tags?: readonly string[],
  ): Promise<'stored' | 'present' | 'refused' | null> {
    return this.#access.execute(() => this.#store.put(key, fence, value, ttlMs, 'if-absent', tags))
  }

  /** Takes note of trouble that no request has met yet, such as a connection that cannot be opened. */
  reportTrouble(error: unknown): void {
    this.#access.reportTrouble(error)
  }

  /** Delivers pending evictions and says goodbye to the processes that share the store. */
  close(): Promise<void> {
    return this.#access.close()
  }

  #lookupOptions({
    graceMs,
    keyLimit,
    mode,
    needsTags,
  }: Omit<ReadOptions, 'staleWhileRevalidateMs' | 'rule'>): LookupOptions {
    return {
      leaseMs: this.#leaseMs,
      graceMs: mode === 'reload' ? ENDLESS_GRACE_MS : graceMs,
      keyLimit,
      needsTags,
    }
  }
}

/** Nothing is cached under a key, or carries a tag, that is too long; what could only be evicted from there need not be. */
function canReachKeys(selector: Selector): boolean {
  switch (selector.kind) {
    case 'key':
      return !isTooLongForKey(selector.key)
    case 'tag':
      return !isTooLongForKey(selector.tag)
    case 'pattern':
      return !isTooLongToMatch(selector.pattern)
    default:
      return true
  }
}

type UsefulLookup = Extract<Lookup, { kind: 'hit' | 'lease' | 'busy' }>

/** Whether a reader can go by what it has found. */
function isOfUse(found: Lookup | null, mayBelieve: boolean): found is UsefulLookup {
  if (found?.kind === 'hit') return mayBelieve
  return found?.kind === 'lease' || found?.kind === 'busy'
}

/** Why a reader goes past what it has found. */
function whyPast(found: Lookup | null): string {
  switch (found?.kind) {
    case 'foreign':
      return `the key holds a ${found.type} that is not the cache's`
    case 'intended':
      return 'write under way'
    case 'full':
      return 'rule is full'
    default:
      return 'store unavailable'
  }
}

/** Whether a stale value may be served while another request reloads it. */
function mayRevalidate(
  { remainingMs }: StoredValue,
  { graceMs, staleWhileRevalidateMs, mode }: ReadOptions,
): boolean {
  return mode !== 'reload' && remainingMs > graceMs - staleWhileRevalidateMs
}
