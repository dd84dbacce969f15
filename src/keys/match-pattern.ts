/** Separates the segments of a key. A rendered value never contains it. */
export const SEGMENT_SEPARATOR = ':'

/** Separates a key from its variant (see `vary`). Neither a literal nor a rendered value contains it. */
export const VARIANT_SEPARATOR = '#'

/**
 * Says whether a rendered pattern covers a key.
 *
 * A pattern is a key in which a whole segment may be `*`: in the middle it stands for exactly one segment,
 * at the end for one or more. Variants of a key are covered with it.
 *
 * @example
 * matchesPattern('customers:list:*', 'customers:list:1:10:all') // true
 * matchesPattern('user:1', 'user:10') // false
 */
export function matchesPattern(pattern: string, key: string): boolean {
  const wanted = pattern.split(SEGMENT_SEPARATOR)
  const given = withoutVariant(key).split(SEGMENT_SEPARATOR)
  const last = wanted.length - 1
  const openEnded = wanted[last] === '*'
  if (openEnded ? given.length < wanted.length : given.length !== wanted.length) return false
  return wanted.every((segment, index) => segment === '*' || segment === given[index])
}

/** The key that a variant belongs to. */
export function withoutVariant(key: string): string {
  const end = key.indexOf(VARIANT_SEPARATOR)
  return end === -1 ? key : key.slice(0, end)
}
