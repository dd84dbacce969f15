import { setMaxListeners } from 'node:events'

/**
 * Takes back from node-redis what it has not sent when its connection is lost. It would send that on the next one, ahead of
 * the handshake, and perhaps behind an eviction that was acknowledged meanwhile.
 */
export class UnsentCommands {
  #controller = newController()

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** What is not sent yet fails. */
  takeBack(): void {
    const old = this.#controller
    this.#controller = newController()
    old.abort()
  }
}

function newController(): AbortController {
  const controller = new AbortController()
  // One for each command that waits, which may be many.
  setMaxListeners(0, controller.signal)
  return controller
}
