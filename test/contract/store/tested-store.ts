import type { Lookup, Store } from '#src/stores/store.js'

export interface StoreUnderTest {
  readonly store: Store
  /** Whether the end of a lease wakes those who wait for it, before their time is over. */
  readonly notifiesWaiters: boolean
  /** Lets time pass until the condition holds. */
  eventually(what: string, condition: () => Promise<boolean>): Promise<void>
  end(): Promise<void>
}

export const NO_GRACE = { leaseMs: 60_000, graceMs: 0 }
export const LONG_GRACE = { leaseMs: 60_000, graceMs: 120_000 }
export const TTL_MS = 60_000
const WRITTEN_AT_ONCE = 500

/** The store of each test of a suite, which holds nothing when the test begins, and what tests do with it. */
export class TestedStore {
  #tested: StoreUnderTest | undefined

  /** Called in a suite, it makes a store before each test and ends it afterwards. */
  constructor(make: () => Promise<StoreUnderTest>) {
    beforeEach(async () => {
      this.#tested = await make()
      await this.store.ready()
    })
    afterEach(() => this.#current.end())
  }

  get #current(): StoreUnderTest {
    if (this.#tested === undefined) throw new Error('there is a store in tests alone')
    return this.#tested
  }

  get store(): Store {
    return this.#current.store
  }

  get notifiesWaiters(): boolean {
    return this.#current.notifiesWaiters
  }

  readonly eventually: StoreUnderTest['eventually'] = (what, condition) =>
    this.#current.eventually(what, condition)

  readonly textAt = async (key: string) => (await this.store.get(key))?.value.toString() ?? null

  readonly write = (key: string, text = key) => this.store.set(key, Buffer.from(text), TTL_MS)

  readonly writeAll = async (keys: readonly string[]) => {
    const isVariant = (key: string) => key.includes('#')
    // Variants afterwards: setting a key takes them away.
    for (const some of [keys.filter((key) => !isVariant(key)), keys.filter(isVariant)]) {
      // What waits for all others in one turn would be late on a busy machine.
      for (let at = 0; at < some.length; at += WRITTEN_AT_ONCE) {
        await Promise.all(some.slice(at, at + WRITTEN_AT_ONCE).map((key) => this.write(key)))
      }
    }
  }

  readonly leaseOn = async (key: string, options = NO_GRACE) => leaseIn(await this.store.lookup(key, options))

  readonly fillIn = (key: string, lease: string, text = key, tags?: readonly string[]) =>
    this.store.fill(key, lease, Buffer.from(text), TTL_MS, tags)

  readonly heldOf = async (keys: readonly string[]) => {
    const held = await Promise.all(keys.map((key) => this.store.get(key)))
    return keys.filter((_, index) => held[index] !== null)
  }
}

export function leaseIn(found: Lookup): string {
  if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
  return found.lease
}
