/** Runs what it is given, once, within something. */
export type Around = <Result>(run: () => Result) => Result

/** What the messages of one operation say, from its start to its end: the same object in each. */
export class TracedMessage {
  /** What the operation has thrown, or rejected with. */
  error?: unknown
  #within: Around = (run) => run()

  /**
   * Puts something around the operation; for subscribers of `start`. An `AsyncLocalStorage` can be bound to that channel; this
   * is for those who keep their context elsewhere, as the API of OpenTelemetry does.
   */
  around(wrap: Around): void {
    const inner = this.#within
    const within: Around = (run) => wrap(() => inner(run))
    this.#within = within
  }

  /** Runs the operation within all that was put around it. */
  within<Result>(run: () => Result): Result {
    return this.#within(run)
  }
}
