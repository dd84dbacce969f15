import { writeSync } from 'node:fs'
import type { Terminal } from '../terminal.js'
import type { FrameSize } from './frame.js'

const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const ERASE_TO_END_OF_LINE = '\u001b[K'
const ERASE_BELOW = '\u001b[J'
const CTRL_C = '\u0003'
const STANDARD_OUTPUT = 1

/** A screen of its own on the terminal, which shows what was there before once the command ends, however it does. */
export class Screen {
  readonly #terminal: Terminal
  readonly #onKey: (key: string) => void
  #isOpen = false

  /** @param onKey - Hears each key; Ctrl-C ends the command by itself. */
  constructor(terminal: Terminal, onKey: (key: string) => void) {
    this.#terminal = terminal
    this.#onKey = onKey
  }

  open(): void {
    const { input, output } = this.#terminal.streams
    this.#isOpen = true
    output.write(ENTER)
    process.on('exit', this.#restore)
    this.#terminal.atEnd(() => this.close())
    if (!input.isTTY) return
    input.setRawMode?.(true)
    input.on('data', this.#hear)
  }

  get size(): FrameSize {
    return { columns: this.#terminal.columns ?? 80, rows: this.#terminal.rows }
  }

  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return
    const text = lines.map((line) => line + ERASE_TO_END_OF_LINE).join('\r\n')
    this.#terminal.streams.output.write(HOME + text + ERASE_BELOW)
  }

  close(): void {
    const { input } = this.#terminal.streams
    input.off('data', this.#hear)
    input.pause()
    this.#restore()
    process.off('exit', this.#restore)
  }

  readonly #hear = (data: Buffer | string): void => {
    for (const key of String(data)) {
      if (key === CTRL_C) process.kill(process.pid, 'SIGINT')
      else this.#onKey(key)
    }
  }

  /** At once, since the process may be about to end. */
  readonly #restore = (): void => {
    if (!this.#isOpen) return
    this.#isOpen = false
    const { input } = this.#terminal.streams
    if (input.isTTY) input.setRawMode?.(false)
    try {
      writeSync(STANDARD_OUTPUT, LEAVE)
    } catch {
      // The terminal has gone, and with it what there is to restore.
    }
  }
}
