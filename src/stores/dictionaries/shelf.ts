import type { Dictionary } from './dictionary.js'

/** Where processes keep their dictionaries for each other. Every method rejects as those of the store do. */
export interface Shelf {
  /** The bytes that are kept under an id; `null`, if there are none. */
  find(id: string): Promise<Buffer | null>

  /** Keeps a dictionary for so long at least. */
  keep(dictionary: Dictionary, lifetimeMs: number): Promise<void>

  /**
   * Which dictionary all processes are to use for a rule.
   *
   * @param proposal - Counts if there is none yet, or the one that it is to replace. Left out, it is only asked.
   * @returns Its id; `null`, if there is none.
   */
  agree(rule: string, proposal: Proposal | null, lifetimeMs: number): Promise<string | null>

  drop(id: string): Promise<void>
}

export interface Proposal {
  readonly id: string
  readonly replaced: string | null
}
