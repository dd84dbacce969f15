/** The log says nothing of an outage that begins within this time after one that it tells of. */
const QUIET_MS = 60_000

/** Says what the log is to tell of an outage that comes and goes: once a minute at most, and the end only of what it has told. */
export class ToldOutage {
  readonly #now: () => number
  #state: 'none' | 'told' | 'untold' = 'none'
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(now: () => number) {
    this.#now = now
  }

  /** Called when it begins, and again as often as it shows. @returns Whether to tell. */
  begun(): boolean {
    if (this.#state !== 'none') return false
    const isQuiet = this.#now() - this.#toldAt < QUIET_MS
    this.#state = isQuiet ? 'untold' : 'told'
    if (!isQuiet) this.#toldAt = this.#now()
    return !isQuiet
  }

  /** Called when all is well. @returns Whether to tell. */
  ended(): boolean {
    const wasTold = this.#state === 'told'
    this.#state = 'none'
    return wasTold
  }
}
