import { setImmediate, setTimeout } from 'node:timers/promises'
import type { BrowsedPage, BrowseRequest } from '#src/stores/browsing.js'
import type {
  Heartbeat,
  HeartbeatRequest,
  LeaseEnd,
  Lookup,
  LookupOptions,
  Selector,
  Store,
  StoredValue,
  StoreObserver,
  TaggedEntry,
} from '#src/stores/store.js'
import type { Random } from './random.js'

/** Lets others go first: mostly not at all or for a turn, sometimes for a few milliseconds. */
export type Pause = () => Promise<unknown>

export function randomPauses(random: Random): Pause {
  return async () => {
    const luck = random.next()
    if (luck < 0.1) return setTimeout(1 + random.below(6))
    if (luck < 0.4) return setImmediate()
  }
}

/** A store that is asked late and whose answers come late, so that calls of others get in between. */
export class PausingStore implements Store {
  readonly #store: Store
  readonly #pause: Pause

  constructor(store: Store, pause: Pause) {
    this.#store = store
    this.#pause = pause
  }

  get kind(): Store['kind'] {
    return this.#store.kind
  }

  name(own: string): Promise<string> {
    return this.#between(() => this.#store.name(own))
  }

  isAvailable(): boolean {
    return this.#store.isAvailable()
  }

  ready(): Promise<void> {
    return this.#store.ready()
  }

  hit(key: string, graceMs: number): StoredValue | null {
    return this.#store.hit(key, graceMs)
  }

  lookup(key: string, options: LookupOptions): Promise<Lookup> {
    return this.#between(() => this.#store.lookup(key, options))
  }

  get(key: string): Promise<StoredValue | null> {
    return this.#between(() => this.#store.get(key))
  }

  fill(...args: Parameters<Store['fill']>): ReturnType<Store['fill']> {
    return this.#between(() => this.#store.fill(...args))
  }

  release(key: string, lease: string, isUnshareable?: boolean): Promise<void> {
    return this.#between(() => this.#store.release(key, lease, isUnshareable))
  }

  waitForLease(key: string, lease: string, timeoutMs: number): Promise<LeaseEnd> {
    return this.#between(() => this.#store.waitForLease(key, lease, timeoutMs))
  }

  set(key: string, value: Buffer, ttlMs: number): Promise<boolean> {
    return this.#between(() => this.#store.set(key, value, ttlMs))
  }

  fence(group: string): Promise<string> {
    return this.#between(() => this.#store.fence(group))
  }

  put(...args: Parameters<Store['put']>): ReturnType<Store['put']> {
    return this.#between(() => this.#store.put(...args))
  }

  evict(selectors: readonly Selector[]): Promise<number> {
    return this.#between(() => this.#store.evict(selectors))
  }

  tagged(tags: readonly string[], limit: number): Promise<readonly TaggedEntry[]> {
    return this.#between(() => this.#store.tagged(tags, limit))
  }

  browse(request: BrowseRequest): Promise<BrowsedPage> {
    return this.#between(() => this.#store.browse(request))
  }

  count(prefix: string): Promise<number> {
    return this.#between(() => this.#store.count(prefix))
  }

  post(selectors: readonly Selector[]): Promise<void> {
    return this.#between(() => this.#store.post(selectors))
  }

  alarm(): Promise<void> {
    return this.#between(() => this.#store.alarm())
  }

  observe(observer: StoreObserver): void {
    this.#store.observe(observer)
  }

  heartbeat(request: HeartbeatRequest): Promise<Heartbeat> {
    return this.#between(() => this.#store.heartbeat(request))
  }

  leave(): Promise<void> {
    return this.#between(() => this.#store.leave())
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async #between<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    await this.#pause()
    const answer = await ask()
    await this.#pause()
    return answer
  }
}
