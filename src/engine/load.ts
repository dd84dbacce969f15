import type { PackedRule } from '../stores/dictionaries/rule-dictionary.js'
import { deferred } from '../tools/deferred.js'
import { realTime } from '../tools/real-time.js'

/**
 * How a load ended for those who waited for it.
 *
 * - `value`: here is the answer.
 * - `unshareable`: the answer was for the leader alone (an error, a cookie, not found); load for yourself.
 * - `cancelled`: the leader went away; one of those who wait may take its place.
 */
export type LoadOutcome =
  | { readonly kind: 'value'; readonly value: Buffer; readonly tags: readonly string[] }
  | { readonly kind: 'unshareable' }
  | { readonly kind: 'cancelled' }

/**
 * One running load and its lease. Whoever got it from `Engine.read` ends it exactly once; later calls do
 * nothing, so that a response that both ends and closes needs no care.
 */
export interface Load {
  /**
   * The value is known: those who wait get it, and it is stored if the lease still stands.
   *
   * @param tags - What the entry is to carry. Those who wait get a value with tags only if it was stored: they may have
   *   come after one of its tags had been evicted.
   * @param packedRule - Whose dictionary the store may pack it with.
   */
  complete(
    value: Buffer,
    ttlMs: number,
    tags?: readonly string[],
    packedRule?: PackedRule,
  ): Promise<'stored' | 'refused'>
  /** There is no value that others could have. @param reason - For those who listen. */
  finishUnshareable(reason?: string): void
  /** The leader has gone; another reader begins again. */
  cancel(): void
  /**
   * Runs what loads, and tells those who listen to loads of it. It may be called again further within, and then only runs.
   *
   * @param isReload - Whether an answer has been given already.
   */
  run<Result>(handler: () => Result, isReload?: boolean): Result
}

/** The loads of this process, by lease: a reader joins only the load whose lease stands. */
export class LoadTable {
  readonly #running = new Map<string, Promise<LoadOutcome>>()

  /** Enters a load; the returned function tells those who wait how it ended. */
  open(lease: string): (outcome: LoadOutcome) => void {
    const { promise, resolve } = deferred<LoadOutcome>()
    this.#running.set(lease, promise)
    return resolve
  }

  /** Forgets a load. Only once the store knows of its end: until then the store names its lease to others. */
  close(lease: string): void {
    this.#running.delete(lease)
  }

  /** Sends readers to their own handlers for as long as the store may name the lease of a load that has ended. */
  linger(lease: string, leaseMs: number): void {
    this.#running.set(lease, Promise.resolve({ kind: 'unshareable' }))
    realTime.setTimeout(() => this.close(lease), leaseMs).unref()
  }

  find(lease: string): Promise<LoadOutcome> | undefined {
    return this.#running.get(lease)
  }
}
