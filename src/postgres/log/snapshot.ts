/** The number of a transaction, with its epoch: no two are ever the same. */
type FullXid = bigint

/** Which transactions whoever begins to read sees, as `pg_current_snapshot()` says it. */
export class Snapshot {
  /** All before it are over. */
  readonly #xmin: FullXid
  /** None from it on has begun. */
  readonly #xmax: FullXid
  readonly #running: ReadonlySet<FullXid>

  private constructor(xmin: FullXid, xmax: FullXid, running: ReadonlySet<FullXid>) {
    this.#xmin = xmin
    this.#xmax = xmax
    this.#running = running
  }

  /** @param text - `xmin:xmax:xip,xip,…` */
  static from(text: string): Snapshot {
    const [xmin, xmax, running] = text.split(':')
    if (!xmin || !xmax || running === undefined) throw new RangeError(`${text} is no snapshot`)
    const numbers = running === '' ? [] : running.split(',').map(BigInt)
    return new Snapshot(BigInt(xmin), BigInt(xmax), new Set(numbers))
  }

  /** The transactions that have begun since an earlier one, and are not over. */
  begunSince(earlier: Snapshot): readonly FullXid[] {
    return [...this.#running].filter((xid) => xid >= earlier.#xmax)
  }

  isOver(xid: FullXid): boolean {
    return xid < this.#xmin || (xid < this.#xmax && !this.#running.has(xid))
  }

  /** @param xid - The lower 32 bits, as the log has them: of the transaction nearest to those of now. */
  fullXid(xid: number): FullXid {
    return this.#xmax + BigInt.asIntN(32, BigInt(xid) - this.#xmax)
  }
}
