/** What audits go by; tests of this package that cannot fake time, or run on a busy machine, put something else in its place. */
export const auditTimes: {
  /**
   * When a difference is looked at again, in milliseconds from the first look on: a write that was under way has evicted by
   * the first, and a replica that was late has followed by the second.
   */
  looksAfterMs: readonly number[]
  /** A turn of the event loop that takes longer makes requests wait, and so none is audited. */
  busyTurnMs: number
} = { looksAfterMs: [1_000, 60_000], busyTurnMs: 20 }
