/** What a policy decides for: which entries stay in so many bytes. */
export interface Policy {
  /** How the policy stands in tables and pictures. */
  readonly name: string
  /** By whom. */
  readonly by: string
  create(maxBytes: number): PolicyCache
}

/** As much of a cache as the process tier asks of one. Sizes come with `set`, in bytes. */
export interface PolicyCache {
  /** Whether the entry is there; counts as a use of it. */
  get(key: string): boolean
  set(key: string, bytes: number): void
  delete(key: string): void
  /** How much the entries take that are there, in bytes. */
  readonly bytes: number
}
