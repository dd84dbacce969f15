import type { ExpressVersion } from '../support/express-versions.js'
import { differenceOf } from './compare.js'
import { BARE, type Mode } from './modes.js'
import type { Wire } from './raw-client.js'
import { type Exchange, runShape } from './run-shape.js'
import type { Shape } from './shape.js'

/** Whether a shape is asked in a mode. */
export function isTried(shape: Shape, mode: Mode): boolean {
  if (mode.ahead && !shape.front) return false
  const isOfRead = shape.isHead || shape.leaveAfter !== undefined || shape.only === 'read'
  return mode.kind === 'read' ? shape.only !== 'write' : !isOfRead
}

/** One shape on one Express; what it does without the cache is asked once for all modes. */
export class ShapeTrial {
  readonly #bare = new Map<string, Promise<Exchange[]>>()
  readonly #shape: Shape
  readonly #version: ExpressVersion
  readonly #longest: number

  /** @param longest - How often it is asked at most in a row. */
  constructor(shape: Shape, version: ExpressVersion, longest: number) {
    this.#shape = shape
    this.#version = version
    this.#longest = longest
  }

  /** @returns The first that differs, to read; empty if nothing does. */
  async differenceIn(mode: Mode): Promise<string> {
    for (const wire of wiresOf(this.#shape)) {
      const bare = await this.#bareOf(mode, wire)
      const ours = await this.#runIn(mode, wire)
      for (const [at, exchange] of ours.entries()) {
        const expected = bare[at]
        const difference = expected && differenceOf(expected, exchange, { shape: this.#shape.name, mode, at })
        if (difference !== undefined) return difference
      }
    }
    return ''
  }

  #bareOf(mode: Mode, wire: Wire): Promise<Exchange[]> {
    const { kind, ahead, bare = BARE } = mode
    const name = [kind, ahead, bare === BARE, wire].join()
    const known = this.#bare.get(name)
    const run =
      known ?? runShape(this.#shape, { ...mode, exchanges: this.#longest }, this.#version, bare, wire)
    this.#bare.set(name, run)
    return run
  }

  async #runIn(mode: Mode, wire: Wire): Promise<Exchange[]> {
    const mounted = await mode.open()
    try {
      return await runShape(this.#shape, mode, this.#version, mounted, wire)
    } finally {
      await mounted.close()
    }
  }
}

function wiresOf({ isNeverPipelined, version }: Shape): Wire[] {
  return isNeverPipelined || version === '1.0' ? ['kept'] : ['kept', 'pipelined']
}
