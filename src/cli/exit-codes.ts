/** How the command ends, as `grep` does: what CI and scripts go by. */
export const EXIT = {
  /** Done, and nothing found that is wrong. */
  done: 0,
  /** `check` found something; `get` and `explain` found nothing; an eviction was not confirmed. */
  no: 1,
  /** It could not be done: wrong use, no Redis, an application that cannot be imported. */
  failed: 2,
  interrupted: 130,
  terminated: 143,
} as const
