import { expect } from 'chai'
import { Engine } from '#src/engine/engine.js'
import type { Store } from '#src/stores/store.js'
import type { Scheduler } from './scheduler.js'

export const KEY = 'user:1'
export const TAG = 'row:1'
/** What is made of that, of the same group. */
export const PAGE = 'user:page'
const LEASE_MS = 60_000

/** What a store has to do its bookkeeping with. */
export type Bookkeeping = 'index' | 'lease' | 'fences' | 'tags' | 'marks' | 'record'

/** All that the stores of several processes share. */
export interface StoreState {
  /** Opens the store as one more process over it. */
  open(): Promise<Store>
  /** Loses something, as Redis may at any moment to make room (`allkeys-lru`). */
  lose(what: Bookkeeping): Promise<unknown>
}

/**
 * A database that holds one row, processes that cache it, and an account of who got to know what and when.
 * The row's value is its version: 1 at the beginning, and one more with each write.
 */
export class Story {
  readonly #scheduler: Scheduler
  readonly #state: StoreState
  readonly #stores: Store[] = []
  readonly #engines: Engine[] = []
  readonly #answers: { readonly actor: string; readonly version: number }[] = []
  readonly #acknowledged: { readonly version: number; readonly at: number }[] = []
  #newest = 1

  constructor(scheduler: Scheduler, state: StoreState) {
    this.#scheduler = scheduler
    this.#state = state
  }

  async process(): Promise<Engine> {
    const store = await this.#open()
    const engine = new Engine(store, LEASE_MS, (event) => {
      if (event.type === 'store-down') throw new Error('the store did not answer', { cause: event.error })
    })
    // The first question comes with what a process says at its start, which is no step of any actor.
    await engine.peek('nothing')
    // Those who come later need not wait for its answer to their roll call: nobody owes anything yet.
    await store.leave()
    this.#engines.push(engine)
    return engine
  }

  /** Begins with the row in the cache. */
  async cached(ttlMs: number, tags: readonly string[] | undefined): Promise<void> {
    const store = await this.#open()
    const found = await store.lookup(KEY, { leaseMs: LEASE_MS, graceMs: 0 })
    if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
    await store.fill(KEY, found.lease, encoded(this.#newest), ttlMs, tags)
  }

  async selectRow(): Promise<number> {
    return this.#scheduler.step('reads the database', () => this.#newest)
  }

  async updateRow(): Promise<number> {
    return this.#scheduler.step('writes the database', () => {
      this.#newest += 1
      return this.#newest
    })
  }

  async lose(what: Bookkeeping): Promise<void> {
    await this.#scheduler.step(`loses the ${what}`, () => this.#state.lose(what))
  }

  answer(actor: string, version: number): void {
    this.#answers.push({ actor, version })
  }

  /** Whoever reads from now on has to see this version, or a newer one. */
  acknowledge(version: number): void {
    this.#acknowledged.push({ version, at: this.#scheduler.steps.length })
  }

  async #open(): Promise<Store> {
    const store = await this.#state.open()
    this.#stores.push(store)
    return this.#scheduler.withoutTimers(store)
  }

  /** Checks how it went, once all have finished. */
  async check(): Promise<void> {
    for (const { actor, version } of this.#answers) {
      const beganAt = this.#scheduler.steps.findIndex((step) => step.actor === actor)
      for (const write of this.#acknowledged) {
        if (write.at > beganAt) continue
        const what = `the version that ${actor} got, who began after ${write.version} was acknowledged`
        expect(version, what).to.be.at.least(write.version)
      }
    }
    const store = await this.#open()
    for (const key of [KEY, PAGE]) {
      const found = await store.lookup(key, { leaseMs: LEASE_MS, graceMs: 0 })
      if (found.kind === 'hit') expect(decoded(found.value), 'the version that stays').to.equal(this.#newest)
      // One that is busy would let everybody wait for somebody who does not exist.
      else expect(found.kind).to.equal('lease')
    }
  }

  async close(): Promise<void> {
    for (const engine of this.#engines) await engine.close()
    for (const store of this.#stores) await store.close()
  }
}

export function encoded(version: number): Buffer {
  return Buffer.from(String(version))
}

export function decoded(value: Buffer): number {
  return Number(value.toString())
}
