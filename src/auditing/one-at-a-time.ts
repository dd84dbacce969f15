/** A place that one may have at a time. Those who wait for it get it in the order in which they came. */
export class OneAtATime {
  readonly #waiting: (() => void)[] = []
  #isTaken = false

  /** @returns Whether it was free; it is the caller's then. */
  tryTake(): boolean {
    if (this.#isTaken) return false
    this.#isTaken = true
    return true
  }

  /** Resolves once it is the caller's. */
  async take(): Promise<void> {
    if (this.tryTake()) return
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve)
    })
  }

  /** Hands it on to the next who waits. */
  give(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#isTaken = false
  }
}
