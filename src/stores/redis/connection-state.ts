/** Which connection a client is on, and whether the handshake on it is over. */
export class ConnectionState {
  readonly #begin: () => Promise<unknown>
  #handshake: Promise<unknown> | null = null
  #isReady = false
  #lost = 0

  /** @param begin - The handshake: what has to be over before the first other command of a connection. */
  constructor(begin: () => Promise<unknown>) {
    this.#begin = begin
  }

  /** Counts the connections of this client. */
  get number(): number {
    return this.#lost
  }

  /** Whether commands may be sent. */
  get isReady(): boolean {
    return this.#isReady
  }

  /** Runs the handshake, once for each connection unless it fails. */
  handshake(): Promise<unknown> {
    if (this.#handshake) return this.#handshake
    const handshake = this.#begin()
    this.#handshake = handshake
    handshake.then(
      () => {
        if (this.#handshake === handshake) this.#isReady = true
      },
      () => {
        if (this.#handshake === handshake) this.#handshake = null
      },
    )
    return handshake
  }

  /** Nothing is sent on this connection before another handshake. */
  expectHandshake(): void {
    this.#handshake = null
    this.#isReady = false
  }

  /** The next connection begins with a handshake of its own. */
  lose(): void {
    this.expectHandshake()
    this.#lost += 1
  }
}
