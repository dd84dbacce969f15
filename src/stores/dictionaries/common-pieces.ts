/** Bytes that several texts have. */
export interface Piece {
  readonly bytes: Buffer
  /** How many of the texts have it, as a share of all. */
  readonly share: number
}

/** What is shorter takes as much room as to refer to it. */
const LEAST_BYTES = 4
/** A place is the number of a text times this, and a byte in it: there are many of them. */
const MOST_TEXT_BYTES = 65_536

/**
 * The longest pieces that at least so many texts have, each as a whole: of what fewer have, no piece has more than what
 * others have as well.
 *
 * @param texts - Of less than 64 KiB each.
 * @param pause - Called between short pieces of work.
 */
export async function commonPieces(
  texts: readonly Buffer[],
  least: number,
  pause: () => Promise<void>,
): Promise<readonly Piece[]> {
  const places = await placesOf(texts, pause)
  const found = new Map<string, Piece>()
  for (const bytes of texts) {
    await pause()
    for (let at = 0; at + LEAST_BYTES <= bytes.length; ) {
      const piece = longestFrom(texts, bytes, at, places, least)
      if (piece) found.set(piece.bytes.toString('latin1'), piece)
      // Another may begin within it, and reach further.
      at += piece ? piece.bytes.length - LEAST_BYTES + 1 : 1
    }
  }
  return [...found.values()]
}

/** By four bytes, all places at which they stand. */
async function placesOf(
  texts: readonly Buffer[],
  pause: () => Promise<void>,
): Promise<ReadonlyMap<number, readonly number[]>> {
  const places = new Map<number, number[]>()
  for (const [text, bytes] of texts.entries()) {
    await pause()
    for (let at = 0; at + LEAST_BYTES <= bytes.length; at += 1) {
      const start = bytes.readUInt32LE(at)
      const known = places.get(start)
      if (known) known.push(text * MOST_TEXT_BYTES + at)
      else places.set(start, [text * MOST_TEXT_BYTES + at])
    }
  }
  return places
}

function longestFrom(
  texts: readonly Buffer[],
  bytes: Buffer,
  at: number,
  places: ReadonlyMap<number, readonly number[]>,
  least: number,
): Piece | null {
  let standing = places.get(bytes.readUInt32LE(at)) ?? []
  if (textsIn(standing) < least) return null
  let length = LEAST_BYTES
  for (; at + length < bytes.length; length += 1) {
    const next = bytes[at + length]
    const longer = standing.filter((place) => {
      return texts[textAt(place)]?.[(place % MOST_TEXT_BYTES) + length] === next
    })
    if (textsIn(longer) < least) break
    standing = longer
  }
  return { bytes: bytes.subarray(at, at + length), share: textsIn(standing) / texts.length }
}

/** How many texts the places are in, which are in the order of the texts. */
function textsIn(places: readonly number[]): number {
  let count = 0
  let last = -1
  for (const place of places) {
    const text = textAt(place)
    if (text !== last) count += 1
    last = text
  }
  return count
}

function textAt(place: number): number {
  return Math.floor(place / MOST_TEXT_BYTES)
}
