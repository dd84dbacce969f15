import { realTime } from '../../tools/real-time.js'
import { commonPieces, type Piece } from './common-pieces.js'
import { MOST_BYTES } from './dictionary.js'
import { jsonPartsOf } from './json-records.js'

/** After answers under so many keys it is known what a rule's answers have in common. */
const ANSWERS = 64
const RECORDS_OF_SHAPE = 64
/** So that the records of a list are not all of one answer. */
const RECORDS_OF_ANSWER = 4
const SHAPES = 16
const MOST_TEXT_BYTES = 2_048
/** Who is in fewer records is nobody whom the answers have in common; and see `leastOf`. */
const LEAST_RECORDS = 8
const RECORD_SHARE = 1 / 8
const SKELETON_SHARE = 1 / 3
/** More makes each value take longer to pack, and hardly smaller. */
const MOST_DICTIONARY_BYTES = 4_096
const WORK_MS = 2
/** So that two pieces do not make a third. */
const SEPARATOR = Buffer.from('\n')
/** How an answer begins that is kept with its head. */
const HEAD = Buffer.from('HTTP/1.1 200\r\ncontent-type: application/json; charset=utf-8\r\n\r\n')

/**
 * What is looked at of a rule's answers to find what they have in common: the names of fields that a third of the answers
 * have, and what stands in an eighth of the records of one shape, in eight at least.
 *
 * Records count, and not answers: of somebody who is on a hundred pages of a list there is one record. So what stands in
 * one record is never found, in however many answers that is.
 */
export class TrainingSet {
  readonly #takesValues: boolean
  readonly #keys = new Set<string>()
  readonly #skeletons: Buffer[] = []
  readonly #recordsByShape = new Map<string, Map<string, Buffer>>()

  /** @param takesValues - Whether values may be learned, and not only the names of fields. */
  constructor(takesValues: boolean) {
    this.#takesValues = takesValues
  }

  get isComplete(): boolean {
    return this.#keys.size >= ANSWERS
  }

  add(key: string, value: Buffer): void {
    if (this.#keys.has(key) || value.length > MOST_BYTES) return
    const parts = jsonPartsOf(value)
    if (!parts) return
    this.#keys.add(key)
    this.#skeletons.push(shortened(parts.skeleton))
    if (!this.#takesValues) return
    const taken = new Map<string, number>()
    for (const { shape, identity, text } of parts.records) {
      const ofAnswer = taken.get(shape) ?? 0
      if (ofAnswer === RECORDS_OF_ANSWER) continue
      taken.set(shape, ofAnswer + 1)
      this.#addRecord(shape, identity, text)
    }
  }

  /** What the answers have in common, the most common last, where it is cheapest to refer to. In short pieces of work. */
  async dictionary(): Promise<Buffer> {
    const pause = pauses()
    const skeletons = await commonPieces(this.#skeletons, leastOf(this.#skeletons, SKELETON_SHARE), pause)
    const found: Piece[] = [...skeletons]
    for (const records of this.#recordsByShape.values()) {
      const texts = [...records.values()]
      found.push(...(await commonPieces(texts, leastOf(texts, RECORD_SHARE), pause)))
    }
    return joined(found)
  }

  #addRecord(shape: string, identity: string, text: string): void {
    const known = this.#recordsByShape.get(shape)
    if (known) {
      if (known.size < RECORDS_OF_SHAPE && !known.has(identity)) known.set(identity, shortened(text))
    } else if (this.#recordsByShape.size < SHAPES) {
      this.#recordsByShape.set(shape, new Map([[identity, shortened(text)]]))
    }
  }
}

function leastOf(texts: readonly Buffer[], share: number): number {
  return Math.max(LEAST_RECORDS, Math.ceil(texts.length * share))
}

function shortened(text: string): Buffer {
  return Buffer.from(text).subarray(0, MOST_TEXT_BYTES)
}

function joined(pieces: readonly Piece[]): Buffer {
  const byWorth = pieces.toSorted((one, other) => worthOf(other) - worthOf(one))
  let text = Buffer.alloc(0)
  for (const { bytes } of byWorth) {
    const hasRoom = HEAD.length + bytes.length + SEPARATOR.length + text.length <= MOST_DICTIONARY_BYTES
    if (hasRoom && !text.includes(bytes)) text = Buffer.concat([bytes, SEPARATOR, text])
  }
  return text.length === 0 ? text : Buffer.concat([HEAD, text])
}

function worthOf({ bytes, share }: Piece): number {
  return bytes.length * share
}

/** Lets others work once enough has been done in one go. */
function pauses(): () => Promise<void> {
  let begunAt = realTime.now()
  return async () => {
    if (realTime.now() - begunAt < WORK_MS) return
    await new Promise<void>((resolve) => realTime.setImmediate(resolve))
    begunAt = realTime.now()
  }
}
