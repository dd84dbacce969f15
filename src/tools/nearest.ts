/** How many letters may be wrong in a word of a length. */
const WRONG_LETTERS = 3

/**
 * The known word that somebody may have meant; `undefined` if none is near.
 *
 * @example
 * nearest('stat', ['stats', 'keys']) // 'stats'
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, distance: distanceOf(word.toLowerCase(), candidate) }))
    .filter(
      ({ candidate, distance }) => distance <= Math.min(WRONG_LETTERS, Math.floor(candidate.length / 2)),
    )
    .sort((one, other) => one.distance - other.distance)
  return best?.candidate
}

/** Letters to add, take out, change, or swap with the next (optimal string alignment). */
function distanceOf(a: string, b: string): number {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      const swap =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(before, j - 2) + 1 : Infinity
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, at(last, j - 1) + change, swap))
    }
    before = last
    last = row
  }
  return at(last, b.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
