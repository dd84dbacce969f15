import { byteOrder } from '../../tools/byte-order.js'

export interface KeyRange {
  /** The key behind which they begin; empty: at the first. */
  readonly after: string
  readonly count: number
}

/**
 * The first of some keys, in the order of their bytes. Sorts a few at a time, so that a page of many keys costs one look
 * at each.
 *
 * @param counts - Whether a key does; asked only of those that may be among the first.
 */
export function firstKeys(
  keys: Iterable<string>,
  { after, count }: KeyRange,
  counts: (key: string) => boolean,
): string[] {
  const kept: string[] = []
  let last: string | undefined
  for (const key of keys) {
    if (after !== '' && byteOrder(key, after) <= 0) continue
    if (last !== undefined && byteOrder(key, last) >= 0) continue
    if (!counts(key)) continue
    kept.push(key)
    if (kept.length < 2 * count) continue
    kept.sort(byteOrder).length = count
    last = kept[count - 1]
  }
  return kept.sort(byteOrder).slice(0, count)
}
