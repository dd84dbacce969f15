import type { CircuitState } from './availability.js'
import type { CacheEvent, RuleLabel } from './cache-event.js'

/** Requests by how they were answered. `hits + misses + bypasses` is all of them. */
export interface Accounts {
  /** Answered from the store, stale answers included. */
  readonly hits: number
  /** Answered by a handler, or by the handler of a request that asked the same at the same time. */
  readonly misses: number
  /** Answered by a handler without the cache. */
  readonly bypasses: number
}

/** What a cache has done since it was created. */
export interface CacheStatistics extends Accounts {
  /** Hits and misses; the guide's total. */
  readonly total: number
  /** Hits of the total, as a percentage with two decimals: `'75.00%'`. */
  readonly hitRate: string
  /** Hits, misses and bypasses. */
  readonly requests: number
  /** Hits that were stale. */
  readonly stale: number
  /** Misses that waited for another request's handler. */
  readonly collapsed: number
  readonly fills: number
  readonly refusedFills: number
  /** Values removed by evictions. */
  readonly evicted: number
  /** Rules for writes that did nothing, since the write answered with an error. */
  readonly failedWrites: number
  /** Evictions that the store did not acknowledge at once, counted when they became pending. */
  readonly keptEvictions: number
  /** Writes with `crashSafe` that went on without, as the store did not acknowledge it at once. */
  readonly missedIntents: number
  /** Entries that writes have left although they were made from what the writes have changed; see `dependencies: 'check'`. */
  readonly forgotten: number
  readonly store: {
    readonly kind: 'memory' | 'redis'
    readonly available: boolean
    /** Whether requests send the store commands at the moment. */
    readonly circuit: CircuitState
    /** Pending evictions: the store has not acknowledged them, and until then no hits are served. */
    readonly owedEvictions: number
  }
  readonly rules: readonly (RuleLabel & Accounts)[]
}

type MutableAccounts = { -readonly [Field in keyof Accounts]: Accounts[Field] }

/** Counts cache events. */
export class Statistics {
  /** By what the rule says of itself, so that a controller mounted twice has one account. */
  readonly #byRule = new Map<string, RuleLabel & MutableAccounts>()
  /** The same, so that no request has to put the two texts together. */
  readonly #byLabel = new WeakMap<RuleLabel, MutableAccounts>()
  #stale = 0
  #collapsed = 0
  #fills = 0
  #refusedFills = 0
  #evicted = 0
  #failedWrites = 0
  #keptEvictions = 0
  #missedIntents = 0
  #forgotten = 0

  readonly listener = (event: CacheEvent): void => {
    switch (event.type) {
      case 'stale':
        this.#stale++
        this.#of(event.rule).hits++
        break
      case 'hit':
        this.#of(event.rule).hits++
        break
      case 'miss':
        if (event.collapsed) this.#collapsed++
        this.#of(event.rule).misses++
        break
      case 'bypass':
        this.#of(event.rule).bypasses++
        break
      case 'fill':
        this.#fills++
        break
      case 'fill-refused':
        this.#refusedFills++
        break
      case 'write-failed':
        this.#failedWrites++
        break
      case 'evict':
        this.#evicted += event.removed
        break
      case 'evict-kept':
        this.#keptEvictions += event.targets.length
        break
      case 'intent-missed':
        this.#missedIntents++
        break
      case 'forgotten':
        this.#forgotten++
        break
    }
  }

  /** Makes the rule appear in the accounts before its first request. */
  introduce(rule: RuleLabel): void {
    this.#of(rule)
  }

  snapshot(store: CacheStatistics['store']): CacheStatistics {
    const rules = [...this.#byRule.values()].map((accounts) => ({ ...accounts }))
    const sum = (field: keyof Accounts): number => rules.reduce((total, rule) => total + rule[field], 0)
    const [hits, misses, bypasses] = [sum('hits'), sum('misses'), sum('bypasses')]
    const total = hits + misses
    return {
      hits,
      misses,
      total,
      hitRate: `${(total === 0 ? 0 : (hits / total) * 100).toFixed(2)}%`,
      bypasses,
      requests: total + bypasses,
      stale: this.#stale,
      collapsed: this.#collapsed,
      fills: this.#fills,
      refusedFills: this.#refusedFills,
      evicted: this.#evicted,
      failedWrites: this.#failedWrites,
      keptEvictions: this.#keptEvictions,
      missedIntents: this.#missedIntents,
      forgotten: this.#forgotten,
      store,
      rules,
    }
  }

  #of(label: RuleLabel): MutableAccounts {
    const known = this.#byLabel.get(label)
    if (known) return known
    const { where, key } = label
    const id = `${where} ${key}`
    const accounts = this.#byRule.get(id) ?? { where, key, hits: 0, misses: 0, bypasses: 0 }
    this.#byRule.set(id, accounts)
    this.#byLabel.set(label, accounts)
    return accounts
  }
}
