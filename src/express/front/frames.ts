import { LRUCache } from 'lru-cache'
import type { Head } from '../../http/response-head.js'

/** The headers that middleware puts on answers. Most URLs of an application have the same, which is kept once. */
export interface Frame {
  readonly headers: Head
  /** Whether its room was needed for others: whoever has learned it has to learn it again. */
  readonly isForgotten: boolean
}

const MAX_BYTES = 2 * 1024 * 1024
const ENTRY_BYTES = 1_000

/** Keeps frames, and no more of them than there is room for. */
export class Frames {
  readonly #byText = new LRUCache<string, { headers: Head; isForgotten: boolean }>({
    maxSize: MAX_BYTES,
    // The text, and the same in the values.
    sizeCalculation: (_frame, text) => ENTRY_BYTES + 4 * text.length,
    dispose: (frame) => {
      // What has been learned by it goes later, and must not hold on to the headers until then.
      frame.headers = {}
      frame.isForgotten = true
    },
  })

  /** The frame with these headers: one object for all that have the same; none if there is no room for it. */
  of(headers: Head): Frame | undefined {
    const text = JSON.stringify(headers)
    if (!this.#byText.has(text)) this.#byText.set(text, { headers, isForgotten: false })
    return this.#byText.get(text)
  }
}
