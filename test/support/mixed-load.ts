import type { WatchedApp } from './watched-app.js'

const CONCURRENCY = 20
const ROWS = 12
const PAGES = 3
const WRITES = 0.15

/** Reads and writes through several applications; the same sequence for the same seed. */
export class MixedLoad {
  readonly #apps: readonly WatchedApp[]
  #state: number

  constructor(apps: readonly WatchedApp[], seed: number) {
    this.#apps = apps
    this.#state = seed
  }

  /** @throws The first answer that was wrong, once all requests are over. */
  async run(requests: number): Promise<void> {
    let left = requests
    const failures: unknown[] = []
    const worker = async () => {
      while (left-- > 0) await this.#request().catch((error) => failures.push(error))
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, worker))
    if (failures.length > 0) throw failures[0]
  }

  async #request(): Promise<void> {
    const app = this.#apps[this.#below(this.#apps.length)] as WatchedApp
    const id = String(this.#below(ROWS))
    const kind = this.#random()
    if (kind < WRITES && !app.isWriting(id)) await app.writeRow(id)
    else if (kind < 0.8) await app.readRow(id)
    else await app.readList(String(1 + this.#below(PAGES)))
  }

  #below(end: number): number {
    return Math.floor(this.#random() * end)
  }

  /** A linear congruential generator (Numerical Recipes), in [0, 1). */
  #random(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return this.#state / 2 ** 32
  }
}
