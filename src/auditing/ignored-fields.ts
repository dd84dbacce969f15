/** The place of a field in a JSON value, from the outside in; `*` for each element of a list. */
export type FieldPath = readonly string[]

/** Says whether a field is not to be compared. */
export type IsIgnored = (path: FieldPath) => boolean

/**
 * What the option `ignore` says: a name leaves out all fields of that name, however deep; with dots it is a path from the
 * outside in, in which `*` stands for any field or any element.
 *
 * @example
 * ignoredFields(['generatedAt', 'items.*.seenAt'])(['items', '*', 'seenAt']) // true
 */
export function ignoredFields(ignore: readonly string[]): IsIgnored {
  const names = new Set(ignore.filter((text) => !text.includes('.')))
  const paths = ignore.filter((text) => text.includes('.')).map((text) => text.split('.'))
  return (path) => {
    if (names.has(path.at(-1) ?? '')) return true
    return paths.some(
      (ignored) =>
        ignored.length === path.length && ignored.every((name, at) => name === '*' || name === path[at]),
    )
  }
}
