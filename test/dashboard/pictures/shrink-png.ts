import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const [TRUE_COLOUR, WITH_ALPHA, PALETTE] = [2, 6, 3]
const MOST_COLOURS = 256
/** A difference that one sees, squared. */
const NOTICED = 200

/**
 * Makes a picture of a page a third as large, by giving it a palette (PNG, third edition, section 11.2.1): a page has few
 * colours, and of those at the edges of its letters nobody misses one.
 *
 * @param png - With 8 bits a channel, in rows from the top: as a browser takes it.
 */
export function shrinkPng(png: Buffer): Buffer {
  const { width, height, channels, rows } = read(png)
  const pixels = new Uint32Array(width * height)
  for (let nth = 0; nth < pixels.length; nth++) pixels[nth] = rows.readUIntBE(nth * channels, 3)
  const palette = commonest(pixels)
  const indexOf = new Map(palette.map((colour, index) => [colour, index]))
  const indexed = Buffer.alloc((width + 1) * height)
  for (const [nth, colour] of pixels.entries()) {
    const index = indexOf.get(colour) ?? nearest(palette, colour)
    indexOf.set(colour, index)
    // Each row begins with its filter, of which 0 is none.
    indexed[Math.floor(nth / width) + nth + 1] = index
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, PALETTE], 8)
  const colours = Buffer.alloc(palette.length * 3)
  for (const [index, colour] of palette.entries()) colours.writeUIntBE(colour, index * 3, 3)
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', head),
    chunk('PLTE', colours),
    chunk('IDAT', deflateSync(indexed, { level: 9, memLevel: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function read(png: Buffer) {
  let [width, height, channels] = [0, 0, 3]
  const data: Buffer[] = []
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    const body = png.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') {
      ;[width, height] = [body.readUInt32BE(0), body.readUInt32BE(4)]
      const [bits, kind] = [body[8], body[9]]
      if (bits !== 8 || (kind !== TRUE_COLOUR && kind !== WITH_ALPHA))
        throw new Error('This is no picture of a page.')
      channels = kind === WITH_ALPHA ? 4 : 3
    }
    if (type === 'IDAT') data.push(body)
    at += length + 12
  }
  return {
    width,
    height,
    channels,
    rows: unfiltered(inflateSync(Buffer.concat(data)), width * channels, channels),
  }
}

/** PNG, section 9.2: what a byte differs by from those to its left, above it, and above the left one. */
function unfiltered(filtered: Buffer, stride: number, channels: number): Buffer {
  const height = filtered.length / (stride + 1)
  const rows = Buffer.alloc(height * stride)
  for (let y = 0; y < height; y++) {
    const filter = filtered[y * (stride + 1)]
    for (let x = 0; x < stride; x++) {
      const at = y * stride + x
      const left = x >= channels ? (rows[at - channels] ?? 0) : 0
      const above = y > 0 ? (rows[at - stride] ?? 0) : 0
      const corner = x >= channels && y > 0 ? (rows[at - stride - channels] ?? 0) : 0
      const guesses = [0, left, above, (left + above) >> 1, paeth(left, above, corner)]
      rows[at] = (filtered[at + y + 1] ?? 0) + (guesses[filter ?? 0] ?? 0)
    }
  }
  return rows
}

function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner
  const [toLeft, toAbove, toCorner] = [
    Math.abs(guess - left),
    Math.abs(guess - above),
    Math.abs(guess - corner),
  ]
  if (toLeft <= toAbove && toLeft <= toCorner) return left
  return toAbove <= toCorner ? above : corner
}

function commonest(pixels: Uint32Array): readonly number[] {
  const counts = new Map<number, number>()
  for (const colour of pixels) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const byCount = [...counts].sort(([, one], [, other]) => other - one).map(([colour]) => colour)
  const palette = byCount.slice(0, MOST_COLOURS / 2)
  // A dot that is the only green one is missed, however small it is.
  for (const colour of byCount.slice(MOST_COLOURS / 2)) {
    if (palette.length === MOST_COLOURS) break
    if (distance(palette[nearest(palette, colour)] ?? 0, colour) > NOTICED) palette.push(colour)
  }
  return palette
}

/** Of two colours, squared. */
function distance(one: number, other: number): number {
  return [16, 8, 0].reduce((sum, shift) => sum + (((one >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0)
}

function nearest(palette: readonly number[], colour: number): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY]
  for (const [index, candidate] of palette.entries()) {
    const far = distance(candidate, colour)
    if (far < least) [best, least] = [index, far]
  }
  return best
}

function chunk(type: string, body: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), body])
  const framed = Buffer.alloc(named.length + 8)
  framed.writeUInt32BE(body.length, 0)
  framed.set(named, 4)
  framed.writeUInt32BE(crc32(named), named.length + 4)
  return framed
}
