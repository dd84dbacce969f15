interface Token {
  readonly text: string
  readonly expiresAt: number
}

const FIRST_SWEEP_AT = 1_000

/**
 * Tokens by key, each until its time is over.
 *
 * A sweep drops those whose time is over whenever the number of tokens has doubled: there are never more than twice
 * as many as stood at the last sweep, and the sweeps cost each token no more than a few steps.
 */
export class ExpiringTokens<Key> {
  readonly #tokens = new Map<Key, Token>()
  readonly #onDropped: (key: Key) => void
  #sweepAt = FIRST_SWEEP_AT

  constructor(onDropped: (key: Key) => void = () => {}) {
    this.#onDropped = onDropped
  }

  get(key: Key, now: number): string | undefined {
    const token = this.#tokens.get(key)
    return token !== undefined && token.expiresAt > now ? token.text : undefined
  }

  /** Whether there is one, also if its time is over. */
  has(key: Key): boolean {
    return this.#tokens.has(key)
  }

  set(key: Key, text: string, expiresAt: number, now: number): void {
    if (this.#tokens.size >= this.#sweepAt) this.#sweep(now)
    this.#tokens.set(key, { text, expiresAt })
  }

  delete(key: Key): void {
    this.#tokens.delete(key)
  }

  clear(): void {
    this.#tokens.clear()
  }

  #sweep(now: number): void {
    for (const [key, { expiresAt }] of this.#tokens) {
      if (expiresAt > now) continue
      this.#tokens.delete(key)
      this.#onDropped(key)
    }
    this.#sweepAt = Math.max(FIRST_SWEEP_AT, 2 * this.#tokens.size)
  }
}
