import { LOADS, LoadMessage, type ObservedCache } from '../diagnostics/channels.js'
import { Trace } from '../diagnostics/trace.js'
import type { PackedRule } from '../stores/dictionaries/rule-dictionary.js'
import type { Store } from '../stores/store.js'
import { LATE, withinDeadline } from '../tools/within-deadline.js'
import type { CacheEvent, RuleLabel } from './cache-event.js'
import { type Load, type LoadOutcome, LoadTable } from './load.js'
import type { Execute } from './store-access.js'
import { UnreleasedLeases } from './unreleased-leases.js'

/** A message of a lease's end can get lost with a connection, and a leader that died sends none. */
const LOOK_AGAIN_MS = 1_000

export interface LoadsOptions {
  readonly store: Pick<Store, 'fill' | 'release' | 'waitForLease'>
  readonly execute: Execute
  readonly leaseMs: number
  readonly emit: (event: CacheEvent) => void
  /** For those who listen to loads. */
  readonly cache: ObservedCache
}

interface Loaded {
  readonly rule: RuleLabel | null
  readonly key: string
  readonly lease: string
  readonly value: Buffer
  readonly ttlMs: number
  readonly tags: readonly string[] | undefined
  readonly packedRule: PackedRule | undefined
}

/** Whom the loads of this process and of others make wait, and for what: one load per lease, whose end all hear of. */
export class Loads {
  readonly #store: LoadsOptions['store']
  readonly #execute: Execute
  readonly #leaseMs: number
  readonly #emit: (event: CacheEvent) => void
  readonly #cache: ObservedCache
  readonly #table = new LoadTable()
  readonly #unreleased = new UnreleasedLeases()

  constructor({ store, execute, leaseMs, emit, cache }: LoadsOptions) {
    this.#store = store
    this.#execute = execute
    this.#leaseMs = leaseMs
    this.#emit = emit
    this.#cache = cache
  }

  /** Begins the load that the lease on the key is for. */
  begin(key: string, lease: string, rule: RuleLabel | null): Load {
    const announce = this.#table.open(lease)
    let state: 'running' | 'ended' = 'running'
    /** @returns Whether the load was still running. */
    const end = (): boolean => {
      const wasRunning = state === 'running'
      state = 'ended'
      return wasRunning
    }
    let trace: Trace<LoadMessage> | undefined
    return {
      complete: async (value, ttlMs, tags, packedRule) => {
        if (!end()) return 'refused'
        tellSettled(trace, { bytes: value.length, ttlMs })
        const result = await this.#fill({ rule, key, lease, value, ttlMs, tags, packedRule }, announce)
        tellEnded(trace, { result })
        return result
      },
      finishUnshareable: (reason) => {
        if (!end()) return
        void this.#giveBack(key, lease, 'unshareable', announce)
        tellSettled(trace, {})
        tellEnded(trace, { result: 'unshareable', reason })
      },
      cancel: () => {
        if (!end()) return
        void this.#giveBack(key, lease, 'cancelled', announce)
        tellSettled(trace, {})
        tellEnded(trace, { result: 'cancelled' })
      },
      run: (handler, isReload = false) => {
        if (trace || state === 'ended' || !LOADS.hasSubscribers) return handler()
        trace = new Trace(LOADS, new LoadMessage({ cache: this.#cache, rule, key, isReload }))
        return trace.run(handler)
      },
    }
  }

  /**
   * How the load behind a lease ended that another reader holds. One in another process gives no value here: it has to
   * be looked up.
   */
  async outcomeOf(key: string, lease: string, leftMs: number): Promise<LoadOutcome> {
    const running = this.#table.find(lease)
    if (running) {
      // A leader that takes longer than its lease is given up on: it may never end.
      const outcome = await withinDeadline(running, Math.min(this.#leaseMs, leftMs))
      return outcome === LATE ? { kind: 'cancelled' } : outcome
    }
    const end = await this.#store.waitForLease(key, lease, Math.min(LOOK_AGAIN_MS, leftMs))
    return { kind: end === 'unshareable' ? 'unshareable' : 'cancelled' }
  }

  /** Gives back what could not be given back, so that no other process waits for it until it ends by itself. */
  async releaseUnreleased(): Promise<void> {
    await this.#unreleased.release(async (lease, key) => {
      const isReleased = await this.#release(key, lease, false)
      if (isReleased) this.#table.close(lease)
      return isReleased
    })
  }

  async #fill(
    { rule, key, lease, value, ttlMs, tags, packedRule }: Loaded,
    announce: (outcome: LoadOutcome) => void,
  ): Promise<'stored' | 'refused'> {
    const isTagged = tags !== undefined && tags.length > 0
    if (!isTagged) announce({ kind: 'value', value, tags: [] })
    const stored = await this.#execute(() => this.#store.fill(key, lease, value, ttlMs, tags, packedRule))
    this.#close(key, lease, stored !== null)
    if (isTagged) announce(outcomeOfTagged(stored, value, tags))
    this.#emit(
      stored
        ? { type: 'fill', rule, key, bytes: value.length, ttlMs, tags: tags ?? [] }
        : { type: 'fill-refused', rule, key },
    )
    return stored ? 'stored' : 'refused'
  }

  async #giveBack(
    key: string,
    lease: string,
    kind: 'unshareable' | 'cancelled',
    announce: (outcome: LoadOutcome) => void,
  ): Promise<void> {
    const isReleased = await this.#release(key, lease, kind === 'unshareable')
    this.#close(key, lease, isReleased)
    // Told once the lease has been given back: who looks up before that would find this load again.
    announce({ kind: isReleased ? kind : 'unshareable' })
  }

  async #release(key: string, lease: string, isUnshareable: boolean): Promise<boolean> {
    const released = await this.#execute(() =>
      this.#store.release(key, lease, isUnshareable).then(() => true),
    )
    return released === true
  }

  /** Forgets a load, unless the store may not know of its end and goes on naming its lease, also to others. */
  #close(key: string, lease: string, isKnown: boolean): void {
    if (isKnown) {
      this.#table.close(lease)
      return
    }
    this.#table.linger(lease, this.#leaseMs)
    this.#unreleased.add(lease, key)
  }
}

/**
 * A lease falls with an eviction of its key, so nobody joins its load after that. With one of a tag that the load turns
 * out to carry it does not: so those who wait look again, where the store has not said that there was none.
 */
function outcomeOfTagged(stored: boolean | null, value: Buffer, tags: readonly string[]): LoadOutcome {
  if (stored) return { kind: 'value', value, tags }
  return { kind: stored === null ? 'unshareable' : 'cancelled' }
}

function tellSettled(
  trace: Trace<LoadMessage> | undefined,
  known: Pick<LoadMessage, 'bytes' | 'ttlMs'>,
): void {
  if (!trace) return
  Object.assign(trace.message, known)
  trace.settled()
}

function tellEnded(
  trace: Trace<LoadMessage> | undefined,
  known: Pick<LoadMessage, 'result' | 'reason'>,
): void {
  if (!trace) return
  Object.assign(trace.message, known)
  trace.ended()
}
