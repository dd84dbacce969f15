import type { CacheEvent } from '../engine/cache-event.js'

/** An event as it was told, with its number and its time in milliseconds since 1970. */
export interface KeptEvent {
  readonly nth: number
  readonly at: number
  readonly event: CacheEvent
}

/** The newest events, as many as there is room for. */
export class EventRing {
  readonly #size: number
  readonly #numbers: number[] = []
  readonly #times: number[] = []
  readonly #events: CacheEvent[] = []
  #next = 0

  constructor(size: number) {
    this.#size = size
  }

  add(nth: number, at: number, event: CacheEvent): void {
    const place = this.#next
    this.#numbers[place] = nth
    this.#times[place] = at
    this.#events[place] = event
    this.#next = place + 1 === this.#size ? 0 : place + 1
  }

  /** Keeps those alone. */
  keep(isKept: (event: CacheEvent) => boolean): void {
    const kept = this.since(Number.NEGATIVE_INFINITY).filter(({ event }) => isKept(event))
    for (const list of [this.#numbers, this.#times, this.#events]) list.length = 0
    this.#next = 0
    for (const { nth, at, event } of kept) this.add(nth, at, event)
  }

  /** Those with a higher number, the newest last. */
  since(nth: number): KeptEvent[] {
    const found: KeptEvent[] = []
    for (let back = 1; back <= this.#events.length; back += 1) {
      const place = (this.#next - back + this.#size) % this.#size
      const number = this.#numbers[place] as number
      if (number <= nth) break
      found.push({ nth: number, at: this.#times[place] as number, event: this.#events[place] as CacheEvent })
    }
    return found.reverse()
  }
}
