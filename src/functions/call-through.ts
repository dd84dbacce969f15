import type { Auditor } from '../auditing/auditor.js'
import { LoadTags, MOST_TAGS, type RunningLoads } from '../dependencies/load-tags.js'
import type { CacheEvent, RuleLabel } from '../engine/cache-event.js'
import type { Engine, Reading } from '../engine/engine.js'
import type { Load } from '../engine/load.js'
import { type RenderedTags, withGiven } from '../rules/entry-tags.js'
import type { KeyLimit, StoredValue } from '../stores/store.js'
import { auditedCall } from './audited-call.js'
import type { Codec } from './serializer.js'

/** What the calls of one cache share. */
export interface CallContext {
  readonly engine: Engine
  readonly emit: (event: CacheEvent) => void
  readonly isEnabled: boolean
  /** Asks a share of hits again, if they are to be. */
  readonly auditor: Auditor | undefined
  readonly loads: RunningLoads
  /** Whether rules that evict do. */
  readonly evictsDeclared: boolean
  readonly lifetimeMs: (key: string, ttlMs: number) => number
  /** How long a load may take before others no longer wait for it. */
  readonly leaseMs: number
  /** Logs what looks wrong, once. */
  readonly warn: (warning: string) => void
}

/** One call of a function whose value is cached. */
export interface CachedCall {
  /** Whose function it is, as errors say it. */
  readonly where: string
  readonly rule: RuleLabel
  readonly key: string
  readonly ttlMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly keyLimit: KeyLimit | undefined
  readonly codec: Codec
  readonly unless: ((value: unknown) => boolean) | undefined
  readonly tagsOf: (value: unknown) => RenderedTags
  readonly load: () => unknown
}

/**
 * Gives a function's value from the cache, or lets it run once for all who ask meanwhile. Trouble with the store never
 * rejects: the function then runs for each. What it throws goes to who called it, and to nobody else.
 *
 * Within a load, the value's tags are the load's too: so a value is believed only with a record of them.
 */
export function callThrough(call: CachedCall, context: CallContext): Promise<unknown> {
  return new RunningCall(call, context).run()
}

class RunningCall {
  readonly #call: CachedCall
  readonly #context: CallContext
  readonly #outer: LoadTags | undefined
  readonly #graceMs: number
  readonly #startedAt = performance.now()

  constructor(call: CachedCall, context: CallContext) {
    this.#call = call
    this.#context = context
    this.#outer = context.loads.current
    const ownMs = Math.max(call.staleWhileRevalidateMs, call.staleIfErrorMs)
    this.#graceMs = Math.max(ownMs, context.lifetimeMs(call.key, 0))
  }

  async run(): Promise<unknown> {
    const { engine, isEnabled } = this.#context
    if (!isEnabled) return this.#bypass('disabled')
    const near = engine.hit(this.#call.key, this.#graceMs)
    // A copy in the process does not say what it carries.
    if (near && (!this.#needsTags || near.tags)) {
      const found = this.#serve('hit', near)
      if (found) return found.value
    }
    const reading = await this.#read()
    switch (reading.kind) {
      case 'hit':
      case 'stale': {
        const found = this.#serve(reading.kind, reading)
        return found ? found.value : this.#discard()
      }
      case 'loaded': {
        const found = this.#call.codec.decode(reading.value)
        if (!found) return this.#bypass('unreadable value')
        this.#outer?.add(reading.tags)
        this.#emitMiss(true)
        return found.value
      }
      case 'pass-through':
        return this.#bypass(reading.reason)
      case 'load':
        return this.#lead(reading.load, reading.stale)
    }
  }

  get #needsTags(): boolean {
    return this.#outer !== undefined
  }

  /** A stale value within a load would say nothing of what it carries. */
  #read(): Promise<Reading> {
    const { rule, key, staleWhileRevalidateMs, keyLimit } = this.#call
    return this.#context.engine.read(key, {
      ...{ rule, graceMs: this.#graceMs, keyLimit, needsTags: this.#needsTags },
      staleWhileRevalidateMs: this.#outer ? 0 : staleWhileRevalidateMs,
    })
  }

  #serve(
    type: 'hit' | 'stale',
    { value, tags, remainingMs }: StoredValue,
  ): { readonly value: unknown } | null {
    const { key, codec, rule } = this.#call
    const found = codec.decode(value)
    if (!found) return null
    this.#outer?.add(tags ?? [])
    const ms = performance.now() - this.#startedAt
    const ttlMs = remainingMs - this.#graceMs
    this.#context.emit({ type, rule, key, ms, bytes: value.length, ttlMs })
    const { auditor } = this.#context
    if (auditor !== undefined && type === 'hit' && auditor.isSampled()) {
      auditor.begin(auditedCall(this.#call, this.#context, value))
    }
    return found
  }

  /** Bytes that are no value of the function must not stay in the way of one. */
  async #discard(): Promise<unknown> {
    const { rule, key } = this.#call
    this.#context.emit({ type: 'discard', key, reason: 'no value of the function' })
    await this.#context.engine.evict([{ kind: 'key', key }], null, rule.where)
    return this.#bypass('unreadable value')
  }

  /** Runs the function for this call alone. What it is made of is in the load around it all the same. */
  async #bypass(reason: string): Promise<unknown> {
    const { rule, key, load, tagsOf } = this.#call
    this.#context.emit({ type: 'bypass', rule, key, reason })
    const value = await load()
    const tags = this.#outer && tagsOf(value)
    if (tags?.ok) this.#outer?.add(tags.tags)
    else if (tags) this.#outer?.noteUnknown()
    return value
  }

  async #lead(load: Load, stale: StoredValue | null): Promise<unknown> {
    const { staleWhileRevalidateMs } = this.#call
    const mayServe = stale && !this.#outer && stale.remainingMs > this.#graceMs - staleWhileRevalidateMs
    const found = mayServe ? this.#serve('stale', stale) : null
    if (!found) return this.#load(load, stale, false)
    // Nobody waits for it, and its error is nobody's.
    void this.#load(load, null, true).catch(() => {})
    return found.value
  }

  async #load(load: Load, stale: StoredValue | null, isReload: boolean): Promise<unknown> {
    const { loads } = this.#context
    const { rule, key } = this.#call
    const tags = new LoadTags(isReload ? undefined : this.#outer)
    let value: unknown
    try {
      value = await load.run(() => loads.settle(tags, () => this.#call.load()), isReload)
    } catch (error) {
      load.finishUnshareable('the function failed')
      const standIn = stale && this.#standIn(stale)
      if (standIn) return standIn.value
      this.#emitMiss(false, isReload)
      this.#context.emit({ type: 'not-stored', rule, key, reason: 'the function failed' })
      throw error
    }
    this.#emitMiss(false, isReload)
    this.#store(load, value, tags)
    return value
  }

  /** The old value in the place of an error; a load around it must not be stored, since nobody knows its tags. */
  #standIn(stale: StoredValue): { readonly value: unknown } | null {
    if (stale.remainingMs <= this.#graceMs - this.#call.staleIfErrorMs) return null
    const found = this.#serve('stale', stale)
    if (found) this.#outer?.noteUnknown()
    return found
  }

  /** Ends the load, whatever the value is. @throws CacheError `E_CACHE_VALUE` */
  #store(load: Load, value: unknown, given: LoadTags): void {
    const { rule, key, ttlMs } = this.#call
    try {
      const bytes = this.#call.codec.encode(value, this.#call.where)
      const tags = this.#allTags(value, given)
      const refusal = tags.ok ? this.#refusalOf(value) : tags.reason
      if (!tags.ok || refusal !== undefined) {
        const reason = refusal ?? 'no tags'
        this.#context.emit({ type: 'not-stored', rule, key, reason })
        load.finishUnshareable(reason)
        return
      }
      void load.complete(bytes, ttlMs + this.#graceMs, tags.tags)
    } finally {
      // Does nothing once the load has been completed.
      load.finishUnshareable()
    }
  }

  #refusalOf(value: unknown): string | undefined {
    const { rule, unless } = this.#call
    try {
      return unless?.(value) ? 'unless' : undefined
    } catch (error) {
      this.#context.emit({ type: 'option-failed', rule, option: 'unless', error })
      return 'unless failed'
    }
  }

  /** What the value carries, which the load around it carries too. */
  #allTags(value: unknown, given: LoadTags): RenderedTags {
    const declared = this.#call.tagsOf(value)
    if (declared.ok) given.add(declared.tags)
    else given.noteUnknown()
    const all = withGiven(declared, given)
    if (!all.ok && all.count !== undefined) {
      this.#context.warn(
        `${this.#call.rule.where} gives a value ${all.count} tags: one with more than ${MOST_TAGS} is not stored.`,
      )
    }
    return all
  }

  #emitMiss(collapsed: boolean, isReload = false): void {
    const { rule, key } = this.#call
    const ms = performance.now() - this.#startedAt
    this.#context.emit(
      isReload ? { type: 'reload', rule, key, ms } : { type: 'miss', rule, key, ms, collapsed },
    )
  }
}
