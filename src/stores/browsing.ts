/** Which entries somebody wants to see. */
export interface BrowseRequest {
  /** What their keys begin with; empty: all. */
  readonly prefix: string
  /** The key behind which to go on; left out or empty: at the beginning. */
  readonly after?: string | undefined
  /** How many entries at most; one at least. */
  readonly limit: number
}

/** An entry without its value. */
export interface BrowsedEntry {
  readonly key: string
  /** Of the value. */
  readonly bytes: number
  /** Until it is gone, its grace included. */
  readonly remainingMs: number
  /** By the entry's record; none, where that is lost. */
  readonly tags: readonly string[]
}

/** Entries by the bytes of their keys. */
export interface BrowsedPage {
  readonly entries: readonly BrowsedEntry[]
  /**
   * The key behind which there may be more; `null`, if there is none. With it, a page may have fewer entries than asked
   * for, or none: where many keys have no value, a page ends before it has looked at all of them.
   */
  readonly next: string | null
}

/** How many keys a page looks at for each entry that it may give. */
export const LOOKS_PER_ENTRY = 10

/** Of the tags of the entries that one script reads, so that none reads without an end. */
export const TAG_BYTES_AT_ONCE = 65_536
