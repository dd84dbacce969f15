/** A position in what a database has committed; only the database that gave it can read it. */
export type Position = string

/** A database whose commits are followed, as whoever waits for it sees it. */
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

/** The databases that are followed for one cache. */
export class FollowedDatabases {
  readonly #followed = new Set<FollowedDatabase>()

  /** @returns A function that takes it back. */
  add(database: FollowedDatabase): () => void {
    this.#followed.add(database)
    return () => {
      this.#followed.delete(database)
    }
  }

  list(): readonly FollowedDatabase[] {
    return [...this.#followed]
  }
}
