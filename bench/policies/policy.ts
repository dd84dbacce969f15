/** What a policy decides for: which entries stay in so many bytes. */
export interface Policy {
  /** How the policy stands in tables and pictures. */
  readonly name: string
  create(options: PolicyOptions): PolicyCache
}

export interface PolicyOptions {
  readonly maxBytes: number
  /** Whether the copy under a key has become too old to be given; most policies do not ask. */
  readonly isOld: (key: string) => boolean
}

/** As much of a cache as the process tier asks of one. Sizes come with `set`, in bytes. */
export interface PolicyCache {
  /** Whether the entry is there; counts as a use of it. */
  get(key: string): boolean
  /** Also where the entry is there, but old. */
  set(key: string, bytes: number): void
  delete(key: string): void
}
