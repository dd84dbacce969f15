/** Reads the fields of a message of `pgoutput` one by one. @throws RangeError where it is too short. */
export class MessageReader {
  readonly #bytes: Buffer
  #at: number

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  byte(): number {
    return this.#bytes.readUInt8(this.#skip(1))
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4))
  }

  uint32(): number {
    return this.#bytes.readUInt32BE(this.#skip(4))
  }

  uint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#skip(8))
  }

  /** A text that ends with a zero byte. */
  string(): string {
    const end = this.#bytes.indexOf(0, this.#at)
    if (end === -1) throw new RangeError('a message of PostgreSQL ends too early')
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  text(bytes: number): string {
    const start = this.#skip(bytes)
    if (this.#at > this.#bytes.length) throw new RangeError('a message of PostgreSQL ends too early')
    return this.#bytes.toString('utf8', start, this.#at)
  }

  skip(bytes: number): void {
    this.#skip(bytes)
  }

  #skip(bytes: number): number {
    const start = this.#at
    this.#at += bytes
    return start
  }
}
