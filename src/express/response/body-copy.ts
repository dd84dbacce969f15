import type { ServerResponse } from 'node:http'
import { ownCopy } from '../../tools/own-copy.js'

/** The arguments of `write` and `end`, as they may be left out. */
export interface BodyArguments {
  readonly chunk: unknown
  readonly encoding: unknown
  readonly callback: (() => void) | undefined
}

/** `end()`, `end(callback)`, `end(chunk, callback)` and `end(chunk, encoding, callback)` as one. */
export function bodyArguments(args: readonly unknown[]): BodyArguments {
  const callback = args.find((arg) => typeof arg === 'function') as (() => void) | undefined
  const [chunk, encoding] = args.filter((arg) => typeof arg !== 'function')
  return { chunk, encoding, callback }
}

/** Whether Node takes a chunk of this kind; it throws for any other, and `end` takes what is falsy for none. */
export function isChunk(chunk: unknown): chunk is string | Uint8Array {
  return typeof chunk === 'string' || chunk instanceof Uint8Array
}

/** Whether what is written now is refused, of which Node tells later. */
export function takesNoMore({ writableEnded, destroyed }: ServerResponse): boolean {
  return writableEnded || destroyed
}

/** The body of an answer as its handler gives it, up to a size. */
export class BodyCopy {
  readonly #maxBytes: number
  #chunks: Buffer[] = []
  #size = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether there was more than fits; nothing is kept of it. */
  get isTooLarge(): boolean {
    return this.#size > this.#maxBytes
  }

  /** Copies, since the writer may use a buffer again; into memory of its own, so that who keeps it does not copy it again. */
  add(chunk: unknown, encoding: unknown): void {
    if (!isChunk(chunk) || this.isTooLarge) return
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encodingOf(encoding)) : ownCopy(chunk)
    this.#size += bytes.length
    if (this.isTooLarge) this.#chunks = []
    else this.#chunks.push(bytes)
  }

  /** All so far, which is then forgotten. */
  take(): Buffer {
    const [first] = this.#chunks
    const body = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks)
    this.#chunks = []
    return body
  }
}

/** Node throws for an encoding that it does not know, but only once it has to use it. */
function encodingOf(encoding: unknown): BufferEncoding | undefined {
  return Buffer.isEncoding(encoding as string) ? (encoding as BufferEncoding) : undefined
}
