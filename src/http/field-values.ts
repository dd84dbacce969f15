/** A header's value as one text (RFC 9110, section 5.3); nothing for one that is not there. */
export function textOf(value: unknown): string {
  return value === undefined ? '' : [value].flat().join(', ')
}

const NONE: readonly string[] = []

/** The members of a header that lists tokens (RFC 9110, section 5.6.1), in lower case. */
export function tokensOf(value: unknown): readonly string[] {
  if (value === undefined) return NONE
  return textOf(value)
    .split(',')
    .map((token) => token.trim().toLowerCase())
    .filter((token) => token !== '')
}

/** A header's value for who keeps it, or is given it: a list of its own, to which nobody else adds. */
export function ownValue<Value>(value: Value): Value {
  return Array.isArray(value) ? ([...value] as Value) : value
}
