import type { LoadTags } from '../dependencies/load-tags.js'

/** What is going to be evicted once a transaction has been committed, and who has read in it meanwhile. */
export class UnitOfWork {
  readonly #written = new Set<string>()
  readonly #readers = new Set<LoadTags>()
  #changesSchema = false
  #lastTurn: Promise<unknown> = Promise.resolve()

  get written(): readonly string[] {
    return [...this.#written]
  }

  get changesSchema(): boolean {
    return this.#changesSchema
  }

  write(tags: readonly string[], changesSchema = false): void {
    for (const tag of tags) this.#written.add(tag)
    this.#changesSchema ||= changesSchema
  }

  read(loads: readonly LoadTags[]): void {
    for (const load of loads) this.#readers.add(load)
  }

  /** What was written, once. */
  take(): readonly string[] {
    const { written } = this
    this.#clear()
    return written
  }

  /** What was written never was: whoever has read it here has read what is nowhere. */
  drop(): void {
    if (this.#written.size > 0) for (const load of this.#readers) load.noteUnknown()
    this.#clear()
  }

  /** For what looks somewhere before it is sent: one after the other, as they were called. */
  inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const turn = this.#lastTurn.then(act)
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  #clear(): void {
    this.#written.clear()
    this.#readers.clear()
    this.#changesSchema = false
  }
}
