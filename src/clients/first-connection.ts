import { realTime } from '../tools/real-time.js'

/** How soon after one try to connect the next may begin. */
const BETWEEN_TRIES_MS = 500

/**
 * The connection of a client of node-redis that the application has not connected itself. Once there was one, the client
 * sees to the next; and one that the application has closed stays closed.
 */
export class FirstConnection {
  onTrouble: (error: unknown) => void = () => {}
  readonly #client: { readonly isOpen: boolean; connect(): Promise<unknown> }
  #isOver: boolean
  #isUnderWay = false
  #nextTryAt = 0

  constructor(client: { readonly isOpen: boolean; connect(): Promise<unknown> }) {
    this.#client = client
    this.#isOver = client.isOpen
  }

  /** Whether there was none, and nobody is about to make it. */
  get isDue(): boolean {
    if (this.#client.isOpen && !this.#isUnderWay) this.#isOver = true
    return !this.#isOver
  }

  /** There is one. */
  isOver(): void {
    this.#isOver = true
  }

  /** Makes it, if it is due. */
  make(): void {
    if (!this.isDue || this.#isUnderWay || realTime.now() < this.#nextTryAt) return
    this.#isUnderWay = true
    this.#client
      .connect()
      .catch(this.onTrouble)
      .finally(() => {
        this.#isUnderWay = false
        this.#nextTryAt = realTime.now() + BETWEEN_TRIES_MS
      })
  }
}
