import type { ReadStream, WriteStream } from 'node:tty'
import { styleText } from 'node:util'
import { type Column, tableLines } from './table.js'

type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** A stream to which people or programs listen. */
type Output = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows' | 'hasColors'>>

export interface Streams {
  readonly input: NodeJS.ReadableStream & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>
  readonly output: Output
  readonly errors: Output
}

const ERASE_LINE = '\r\u001b[2K'

/**
 * Where a command shows what it does: results on standard output, all else on standard error, so that a pipe gets results
 * alone. Colours and progress are for terminals; NO_COLOR takes the colours away.
 */
export class Terminal {
  readonly streams: Streams
  readonly #write: Output['write']
  #progress = ''
  #atEnd: (() => void | Promise<void>)[] = []

  constructor(streams: Streams) {
    this.streams = streams
    this.#write = streams.output.write.bind(streams.output)
  }

  /** Sends what others print in this process to standard error, so that results stay by themselves. */
  takeOver(): void {
    const { output, errors } = this.streams
    output.write = errors.write.bind(errors)
  }

  /** Whether a person reads the results. */
  get isInteractive(): boolean {
    return Boolean(this.streams.output.isTTY)
  }

  /** Whether a person can be asked. */
  get canAsk(): boolean {
    return Boolean(this.streams.input.isTTY && this.streams.errors.isTTY)
  }

  /** Of a terminal; one that does not know its size says 0. */
  get columns(): number | undefined {
    return this.isInteractive ? this.streams.output.columns || 80 : undefined
  }

  get rows(): number {
    return this.streams.output.rows || 24
  }

  /** A line of results. */
  print(line = ''): void {
    this.clearProgress()
    this.#write(`${line}\n`)
  }

  /** Results as they are. */
  write(bytes: string | Uint8Array): void {
    this.clearProgress()
    this.#write(bytes)
  }

  printJson(value: unknown): void {
    this.print(JSON.stringify(value, null, this.isInteractive ? 2 : undefined))
  }

  printTable(columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): void {
    const width = this.columns === undefined ? undefined : this.columns - indent.length
    const [head = '', ...lines] = tableLines(columns, rows, width)
    this.print(indent + this.styled('dim', head))
    for (const line of lines) this.print(indent + line)
  }

  /** What is none of the results, and does not go into a pipe. */
  note(line: string): void {
    this.clearProgress()
    this.streams.errors.write(`${line}\n`)
  }

  /** What is under way; the next line takes its place. Told to terminals alone. */
  progress(text: string): void {
    if (!this.streams.errors.isTTY) return
    this.#progress = text
    const width = (this.streams.errors.columns || 80) - 1
    this.streams.errors.write(`${ERASE_LINE}${text.slice(0, width)}`)
  }

  clearProgress(): void {
    if (this.#progress === '') return
    this.#progress = ''
    this.streams.errors.write(ERASE_LINE)
  }

  /** A text of the results with a style. */
  styled(style: Style, text: string): string {
    return styledFor(this.streams.output, style, text)
  }

  /** The same for standard error. */
  styledNote(style: Style, text: string): string {
    return styledFor(this.streams.errors, style, text)
  }

  /** Runs `end` when the command ends, however it does. */
  atEnd(end: () => void | Promise<void>): void {
    this.#atEnd.unshift(end)
  }

  /** Resolves once all is done that was to be done at the end, and all that was shown is on its way. */
  async end(): Promise<void> {
    this.clearProgress()
    const ends = this.#atEnd
    this.#atEnd = []
    for (const end of ends) await end()
    const { errors } = this.streams
    await new Promise<void>((resolve) => this.#write('', () => resolve()))
    await new Promise<void>((resolve) => errors.write('', () => resolve()))
  }
}

function styledFor(stream: Output, style: Style, text: string): string {
  // Node sees to NO_COLOR and to a terminal that says it is dumb.
  if (!stream.isTTY || !stream.hasColors?.()) return text
  return styleText(style, text, { validateStream: false })
}
