/** What a half character is raised by: together they stand for code points beyond all that one unit can say. */
const BEYOND_ALL_UNITS = 0x1_00_00

/**
 * Compares two texts as the bytes of their UTF-8 forms compare, which is how Redis sorts; `<` compares units of UTF-16.
 *
 * @returns As of the functions that `sort` takes.
 */
export function byteOrder(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at += 1) {
    const difference = rankOf(one.charCodeAt(at)) - rankOf(other.charCodeAt(at))
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

function rankOf(unit: number): number {
  return unit >= 0xd8_00 && unit <= 0xdf_ff ? unit + BEYOND_ALL_UNITS : unit
}
