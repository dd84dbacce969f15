/** A position in what a database has committed; only the database that gave it can read it. */
export type Position = string

/**
 * A database whose commits are followed, as whoever waits for it sees it. Once it is followed no longer it gives no position,
 * and `evictAll` works on.
 */
export interface FollowedDatabase {
  /** As people know it: `crm` of `postgresql://…/crm`. */
  readonly name: string
  /**
   * What has been committed by now, by anybody, is not after this position.
   *
   * @returns `null` where the database does not say within the time.
   */
  position(withinMs: number): Promise<Position | null>
  /**
   * Resolves once what was committed up to a position has been evicted, acknowledged, from all that this cache holds; at
   * the latest after the time.
   *
   * @returns Whether it has.
   */
  passed(position: Position, withinMs: number): Promise<boolean>
  /**
   * Evicts all that was made from rows of the database, as if any had changed. Calls that come while one has not begun yet
   * share it. Never rejects.
   */
  evictAll(): Promise<void>
}

/** Whose answers wait for a followed database. */
export interface BarrierOptions {
  /** Those of all rules that write; without it, of routes behind `cache.barrier()` alone. */
  readonly barrier?: boolean | undefined
}

/** The databases that are followed for one cache. */
export class FollowedDatabases {
  readonly #followed = new Map<FollowedDatabase, boolean>()
  /** Followed no longer, and not deleted yet. */
  readonly #left = new Set<FollowedDatabase>()

  readonly #onSchemaChanged = new Set<(database: string | undefined) => void>()

  /** @param listener - Hears of a database, by its name in tags, whose tables are not what they were. */
  onSchemaChanged(listener: (database: string | undefined) => void): void {
    this.#onSchemaChanged.add(listener)
  }

  tellSchemaChanged(database: string | undefined): void {
    for (const listener of this.#onSchemaChanged) listener(database)
  }

  /** @returns A function that takes it back. */
  add(database: FollowedDatabase, { barrier = false }: BarrierOptions): () => void {
    for (const gone of this.#left) this.#followed.delete(gone)
    this.#left.clear()
    this.#followed.set(database, barrier)
    return () => {
      this.#left.add(database)
    }
  }

  /** Whether there has been one, though it may be followed no longer. */
  get hasEver(): boolean {
    return this.#followed.size > 0
  }

  list(): readonly FollowedDatabase[] {
    return [...this.#followed.keys()].filter((database) => !this.#left.has(database))
  }

  /** What answers wait for: where none is followed any longer, those that were, so that writes still evict. */
  waitedFor(): readonly FollowedDatabase[] {
    const followed = this.list()
    return followed.length > 0 ? followed : [...this.#followed.keys()]
  }

  /** Whether the answers of all rules that write wait for it. */
  holdsAllWrites(database: FollowedDatabase): boolean {
    return this.#followed.get(database) ?? false
  }
}
