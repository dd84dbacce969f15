import { realTime } from '../../tools/real-time.js'
import type { ScriptClient } from './define-script.js'

/**
 * Sends the commands of one turn of the event loop in one packet: most of what a command costs is its packet.
 */
export class CommandTurn {
  readonly #client: ScriptClient
  #isOpen = false
  #actions: (() => void)[] = []

  constructor(client: ScriptClient) {
    this.#client = client
  }

  /** To be called before each command. */
  open(): void {
    if (this.#isOpen) return
    this.#isOpen = true
    const letGo = this.#client.hold()
    realTime.setImmediate(() => {
      for (const act of this.#actions.splice(0)) act()
      this.#isOpen = false
      letGo()
      // What actions have asked for is for the next turn.
      if (this.#actions.length > 0) this.open()
    })
  }

  /** Runs an action at the end of this turn. The commands that it sends leave with all others of the turn. */
  atEnd(act: () => void): void {
    this.#actions.push(act)
    this.open()
  }
}
