import type { FieldPath, FieldPlace } from './field-path.js'

/** Says whether a field is not to be compared. */
export type IsIgnored = (place: FieldPlace) => boolean

/**
 * What the option `ignore` says: a name leaves out all fields of that name, however deep; with dots it is a path from the
 * outside in, in which `*` stands for any field or any element.
 *
 * @example
 * ignoredFields(['generatedAt', 'items.*.seenAt']) // all that is named generatedAt, and seenAt of each item
 */
export function ignoredFields(ignore: readonly string[]): IsIgnored {
  const names = new Set(ignore.filter((text) => !text.includes('.')))
  const paths = ignore.filter((text) => text.includes('.')).map((text) => text.split('.'))
  return (place) => names.has(place.name) || paths.some((path) => leadsTo(path, place))
}

function leadsTo(path: readonly string[], field: FieldPlace): boolean {
  if (path.length !== field.depth) return false
  let place: FieldPath = field
  for (const name of path.toReversed()) {
    if (name !== '*' && name !== place?.name) return false
    place = place?.within ?? null
  }
  return true
}
