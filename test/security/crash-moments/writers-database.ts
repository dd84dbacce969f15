import { EventEmitter } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../consistency/random.js'
import { KEEP_ALIVE_MS, type Listening, listen } from '../../support/http.js'
import { quietExpress } from '../../support/quiet-express.js'

const STEP_TAKES_MS = 6

/** Rows with versions. A write takes a random time to its commit, and another to its answer, also if the writer has died. */
export class WritersDatabase {
  readonly #versions = new Map<string, number>()
  readonly #committedAt = new Map<string, number>()
  readonly #random: Random
  #server: Listening | undefined
  /** Emits the row and what its write has come to: `7 asked`, `7 committed`, `7 told`. */
  readonly steps = new EventEmitter()

  constructor(random: Random) {
    this.#random = random
  }

  get url(): string {
    return this.#server?.url ?? ''
  }

  version(row: string): number {
    return this.#versions.get(row) ?? 1
  }

  /** By `performance.now()`; `undefined` before that. */
  committedAt(row: string): number | undefined {
    return this.#committedAt.get(row)
  }

  async open(): Promise<void> {
    const app = quietExpress()
    app.get('/rows/:id', ({ params }, res) => void res.json({ version: this.version(params.id) }))
    app.put('/rows/:id', async ({ params: { id } }, res) => {
      this.steps.emit(`${id} asked`)
      await sleep(this.#random.below(STEP_TAKES_MS))
      this.#versions.set(id, this.version(id) + 1)
      this.#committedAt.set(id, performance.now())
      this.steps.emit(`${id} committed`)
      await sleep(this.#random.below(STEP_TAKES_MS))
      res.json({ version: this.version(id) })
      this.steps.emit(`${id} told`)
    })
    this.#server = await listen(app, KEEP_ALIVE_MS)
  }

  async close(): Promise<void> {
    await this.#server?.close()
  }
}
