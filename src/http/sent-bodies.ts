import { LRUCache } from 'lru-cache'

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

/** Bodies as Node sends them fastest. Of longer ones it remembers the text, once they are sent for a second time. */
export class SentBodies {
  readonly #texts = new LRUCache<Buffer, string>({
    maxSize: MAX_BYTES,
    sizeCalculation: (text, body) => ENTRY_BYTES + text.length + body.length,
  })
  #sent = new WeakSet<Buffer>()

  /** @param body - Nobody may write to it any more. */
  of(body: Buffer): Buffer | string {
    if (body.length <= MADE_TEXT_BYTES) return body.toString('latin1')
    const kept = this.#texts.get(body)
    if (kept !== undefined || body.length > KEPT_TEXT_BYTES) return kept ?? body
    if (!this.#sent.has(body)) {
      this.#sent.add(body)
      return body
    }
    const text = body.toString('latin1')
    this.#texts.set(body, text)
    return text
  }

  clear(): void {
    this.#texts.clear()
    this.#sent = new WeakSet()
  }
}
