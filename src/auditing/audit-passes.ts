import type { IncomingHttpHeaders } from 'node:http'
import { realTime } from '../tools/real-time.js'

/** The header by which a request of the command line says that its answer is to come from the handler. */
export const AUDIT_HEADER = 'x-express-cacheable-audit'
/** A guess at a token must not be worth the try. */
const FEWEST_CHARACTERS = 32
const MOST_PASSES = 10

/**
 * Lets requests past the cache that have a token which was told to this process over the store: so whoever may look into the
 * store can compare what is there with what handlers answer, and nobody else can make handlers run by it.
 */
export class AuditPasses {
  readonly #endsAt = new Map<string, number>()

  /** Whether there may be one; nearly always there is none, and a request has nothing more to look at. */
  get areOpen(): boolean {
    return this.#endsAt.size > 0
  }

  /** Opens a pass, or keeps it open. @returns Whether the token will do. */
  open(token: unknown, lifetimeMs: number): boolean {
    this.#forget()
    if (typeof token !== 'string' || token.length < FEWEST_CHARACTERS) return false
    if (this.#endsAt.size >= MOST_PASSES && !this.#endsAt.has(token)) return false
    this.#endsAt.set(token, realTime.now() + lifetimeMs)
    return true
  }

  admits(headers: IncomingHttpHeaders): boolean {
    const token = headers[AUDIT_HEADER]
    if (typeof token !== 'string') return false
    this.#forget()
    return this.#endsAt.has(token)
  }

  #forget(): void {
    const now = realTime.now()
    for (const [token, endsAt] of this.#endsAt) if (endsAt <= now) this.#endsAt.delete(token)
  }
}
