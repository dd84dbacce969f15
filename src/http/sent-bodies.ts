/** Up to here Node is faster with a head and a body in one text than with two pieces, even if the text has to be made. */
const MADE_TEXT_BYTES = 4_096
/** And up to here if the text is kept. */
const KEPT_TEXT_BYTES = 16_384
const MAX_BYTES = 4 * 1024 * 1024
/** Roughly what is remembered beside the text and the bytes. */
const ENTRY_BYTES = 200

/** A body to be sent again and again: one that is short enough as a text with the bytes as its characters (Latin-1). */
export function keptBody(body: Buffer): Buffer | string {
  return body.length > KEPT_TEXT_BYTES ? body : body.toString('latin1')
}

/**
 * Bodies as Node sends them fastest. It remembers the text of one that is sent for a second time: many are made for one
 * client, and never sent again.
 *
 * Those that were remembered first go first: to know which were used last would cost more than to make a text anew.
 */
export class SentBodies {
  readonly #texts = new Map<Buffer, string>()
  #bytes = 0
  #sent = new WeakSet<Buffer>()

  /** @param body - Nobody may write to it any more. */
  of(body: Buffer): Buffer | string {
    const kept = this.#texts.get(body)
    if (kept !== undefined) return kept
    if (body.length > KEPT_TEXT_BYTES) return body
    if (!this.#sent.has(body)) {
      this.#sent.add(body)
      return body.length > MADE_TEXT_BYTES ? body : body.toString('latin1')
    }
    const text = body.toString('latin1')
    this.#texts.set(body, text)
    this.#bytes += bytesOf(body)
    if (this.#bytes > MAX_BYTES) this.#forgetOldest()
    return text
  }

  clear(): void {
    this.#texts.clear()
    this.#bytes = 0
    this.#sent = new WeakSet()
  }

  #forgetOldest(): void {
    for (const oldest of this.#texts.keys()) {
      if (this.#bytes <= MAX_BYTES) return
      this.#texts.delete(oldest)
      this.#bytes -= bytesOf(oldest)
    }
  }
}

function bytesOf(body: Buffer): number {
  return ENTRY_BYTES + 2 * body.length
}
