/** The place of a field in a JSON value; `null` is the value itself. Linked, as JSON may be nested very deep. */
export type FieldPath = FieldPlace | null

export interface FieldPlace {
  /** `*` for each element of a list. */
  readonly name: string
  readonly within: FieldPath
  /** How many names lead to it, its own among them. */
  readonly depth: number
}

/** Deeper, only the last names are said. */
const MOST_NAMES = 12

export function fieldWithin(within: FieldPath, name: string): FieldPlace {
  return { name, within, depth: (within?.depth ?? 0) + 1 }
}

/** The last names that lead to a field, from the outside in. */
export function lastNames(path: FieldPath): readonly string[] {
  const names: string[] = []
  for (let place = path; place && names.length < MOST_NAMES; place = place.within) names.unshift(place.name)
  return names
}
