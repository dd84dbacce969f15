/** Runs one after the other; calls that come while one has not begun yet share it. */
export function sharedRuns<T>(run: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  let next: Promise<T> | null = null
  return () => {
    if (next) return next
    const begun = last.then(() => {
      next = null
      return run()
    })
    next = begun
    last = begun.catch(() => {})
    return begun
  }
}
