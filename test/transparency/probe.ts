import type { Response } from 'express'

/** `error` is not among them: an event that somebody listens to is another one. */
const EVENTS = ['prefinish', 'finish', 'close', 'pipe', 'unpipe', 'drain'] as const

/** What a shape sees and does beside its answer, in the order in which it happens. */
export class Probe {
  readonly log: string[] = []
  readonly #pending = new Set<PromiseLike<unknown>>()
  readonly #leave: () => void
  isLeft = false

  /** @param leave - Lets the client go. */
  constructor(leave: () => void) {
    this.#leave = leave
  }

  /** Something that the handler saw and that is to be the same with the cache and without. */
  saw(what: string, value?: unknown): void {
    this.log.push(value === undefined ? what : `${what} = ${String(value)}`)
  }

  /** What the response says of itself. */
  sawState(res: Response, when: string): void {
    const { headersSent, writableEnded, finished, writableFinished, statusCode, destroyed } = res
    const state = { headersSent, writableEnded, finished, writableFinished, statusCode, destroyed }
    this.saw(when, JSON.stringify(state))
  }

  /** A call that may throw. */
  tries(what: string, act: () => unknown): void {
    try {
      const result = act()
      this.saw(what, typeof result === 'object' && result !== null ? 'object' : result)
    } catch (error) {
      this.saw(`${what} threw`, nameOf(error))
    }
  }

  watch(res: Response): void {
    for (const event of EVENTS) res.on(event, () => this.saw(`event ${event}`))
  }

  /** The client goes away now. */
  clientLeaves(): void {
    this.isLeft = true
    this.#leave()
  }

  /** The run is not over before this is settled. It stays its owner's to handle. */
  waitsFor(promise: PromiseLike<unknown>): void {
    this.#pending.add(promise)
    const isOver = () => this.#pending.delete(promise)
    promise.then(isOver, isOver)
  }

  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }
}

/** What tells an error from others, in any line that is compared. */
export function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  return code ?? `${error.name}: ${error.message}`
}
