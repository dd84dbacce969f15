/**
 * When a process alone could not reach Redis: from the moment its way broke until it has been in touch again and owes
 * nothing from that time. Instants are epoch milliseconds.
 */
export class TimeAlone {
  #endedAt = 0

  begin(): void {
    this.#endedAt = Number.POSITIVE_INFINITY
  }

  end(): void {
    this.#endedAt = Math.min(this.#endedAt, Date.now())
  }

  /** Whether some of it lay after an instant. */
  reachesPast(since: number): boolean {
    return this.#endedAt >= since
  }
}
