import type { Stored } from './database.js'
import type { LifeRequest } from './requests.js'
import { GROUPS, groupOf, groupOfKey, isThing, THINGS } from './things.js'

/** Which version of everything has been acknowledged to somebody who wrote. */
export class Truth {
  readonly #things = new Uint32Array(THINGS).fill(1)
  readonly #groups = new Uint32Array(GROUPS).fill(1)

  /** What a read that begins now has to show at least. */
  leastVersion({ key }: LifeRequest): number {
    return (isThing(key) ? this.#things[key] : this.#groups[groupOfKey(key)]) as number
  }

  acknowledge(thing: number, { version, groupVersion }: Stored): void {
    const group = groupOf(thing)
    this.#things[thing] = Math.max(this.#things[thing] as number, version)
    this.#groups[group] = Math.max(this.#groups[group] as number, groupVersion)
  }
}
