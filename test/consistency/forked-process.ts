import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'

export interface ForkedProcessOptions {
  /** For people: `worker`, `application`. */
  readonly what: string
  readonly stopWithinMs: number
  /** Hears of an end that nobody asked for. */
  readonly onCrash: (error: Error) => void
}

/** A process of a race, which can be taken away in the middle of whatever it does. */
export class ForkedProcess {
  readonly child: ChildProcess
  /** Resolves once it is gone. */
  readonly exited: Promise<unknown>
  readonly #options: ForkedProcessOptions
  #isEnding = false

  constructor(program: URL, options: ForkedProcessOptions) {
    this.#options = options
    this.child = fork(program, {
      // What coverage would cost is not paid: it is the race that is of interest here.
      env: { ...process.env, NODE_V8_COVERAGE: '' },
      // A Ctrl-C is for the race, which then stops its processes.
      detached: true,
    })
    this.exited = once(this.child, 'exit')
    this.child.once('exit', (code, signal) => {
      if (!this.#isEnding) options.onCrash(this.#error(`has ended by itself (${code ?? signal})`))
    })
  }

  /** Should the process be gone, its exit says so better than the channel. */
  send(message: object | string): void {
    if (this.child.connected) this.child.send(message, () => {})
  }

  /** Resolves once it is gone. */
  readonly kill = async (): Promise<void> => {
    this.#isEnding = true
    this.child.kill('SIGKILL')
    await this.exited
  }

  /** Lets it come to its end, or ends it. */
  readonly stop = async (): Promise<void> => {
    this.#isEnding = true
    this.send('stop')
    const cutOff = new AbortController()
    const overdue = setTimeout(this.#options.stopWithinMs, 'overdue', cutOff)
    if ((await Promise.race([this.exited, overdue])) === 'overdue') {
      await this.kill()
      this.#options.onCrash(this.#error('did not come to an end'))
    }
    cutOff.abort()
  }

  #error(problem: string): Error {
    return new Error(`${this.#options.what} ${this.child.pid} ${problem}`)
  }
}
