/** What audits wait for; tests of this package that cannot fake time put shorter times in its place. */
export const auditTimes: {
  /**
   * When a difference is looked at again, in milliseconds from the first look on: a write that was under way has evicted by
   * the first, and a replica that was late has followed by the second.
   */
  looksAfterMs: readonly number[]
} = { looksAfterMs: [1_000, 60_000] }
