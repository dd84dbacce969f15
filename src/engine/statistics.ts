import { type AuditAccounts, AuditCounts, type AuditStatistics } from './audit-counts.js'
import type { CircuitState } from './availability.js'
import { ByRule } from './by-rule.js'
import type { CacheEvent, RuleLabel } from './cache-event.js'
import { Latencies } from './latencies.js'

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
  /** Answers of writes that did not wait until what a followed database had committed was evicted, as it took too long. */
  readonly lateBarriers: number
  /** Entries that writes have left although they were made from what the writes have changed; see `dependencies: 'check'`. */
  readonly forgotten: number
  /** What audits have come to, with the option `audit`. */
  readonly audits?: AuditStatistics
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

/** What the requests of one rule come to. */
export interface RuleAccount extends RuleLabel, Readonly<MutableAccounts> {
  readonly hitLatencies: Latencies
  /** Of handlers, behind answers too. */
  readonly loadLatencies: Latencies
}

/** Counts cache events. */
export class Statistics {
  readonly #accounts = new ByRule(({ where, key }) => ({
    ...{ where, key, hits: 0, misses: 0, bypasses: 0 },
    ...{ hitLatencies: new Latencies(), loadLatencies: new Latencies() },
  }))
  readonly #audits = new AuditCounts()
  #stale = 0
  #collapsed = 0
  #fills = 0
  #refusedFills = 0
  #evicted = 0
  #failedWrites = 0
  #keptEvictions = 0
  #missedIntents = 0
  #lateBarriers = 0
  #forgotten = 0

  readonly listener = (event: CacheEvent): void => {
    switch (event.type) {
      case 'hit':
      case 'stale': {
        if (event.type === 'stale') this.#stale++
        const account = this.#accounts.of(event.rule)
        account.hits++
        account.hitLatencies.add(event.ms)
        break
      }
      case 'miss': {
        const account = this.#accounts.of(event.rule)
        account.misses++
        if (event.collapsed) this.#collapsed++
        else account.loadLatencies.add(event.ms)
        break
      }
      case 'reload':
        this.#accounts.of(event.rule).loadLatencies.add(event.ms)
        break
      case 'bypass':
        this.#accounts.of(event.rule).bypasses++
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
      case 'barrier':
        if (!event.passed) this.#lateBarriers++
        break
      case 'forgotten':
        this.#forgotten++
        break
      case 'audit':
        this.#audits.add(event)
        break
    }
  }

  /** Makes the rule appear in the accounts before its first request. */
  introduce(rule: RuleLabel): void {
    this.#accounts.of(rule)
  }

  /** What each rule's requests come to. */
  rules(): readonly RuleAccount[] {
    return this.#accounts.list()
  }

  /** Of all rules together. */
  sums(): Accounts & Pick<CacheStatistics, 'stale' | 'fills' | 'refusedFills' | 'evicted' | 'forgotten'> {
    const rules = this.#accounts.list()
    const sum = (field: keyof Accounts): number => rules.reduce((total, rule) => total + rule[field], 0)
    return {
      ...{ hits: sum('hits'), misses: sum('misses'), bypasses: sum('bypasses') },
      ...{ stale: this.#stale, fills: this.#fills, refusedFills: this.#refusedFills },
      ...{ evicted: this.#evicted, forgotten: this.#forgotten },
    }
  }

  /** What audits of a rule's hits have come to; undefined where none was to be audited. */
  auditsOf(rule: RuleLabel): AuditAccounts | undefined {
    return this.#audits.of(rule)
  }

  /** @param isAudited - Whether hits are audited. */
  snapshot(store: CacheStatistics['store'], isAudited = false): CacheStatistics {
    const rules = this.#accounts.list().map(accountsOf)
    const { hits, misses, bypasses } = this.sums()
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
      lateBarriers: this.#lateBarriers,
      forgotten: this.#forgotten,
      ...(isAudited && { audits: this.#audits.statistics() }),
      store,
      rules,
    }
  }
}

function accountsOf({ where, key, hits, misses, bypasses }: RuleAccount): RuleLabel & Accounts {
  return { where, key, hits, misses, bypasses }
}
