/**
 * A field of a value. What an object has from `Object.prototype` is no field, unless the object has one of that
 * name itself: `?constructor=ferrari` says something. What a class gives its objects, such as a getter, is a field.
 */
export function fieldOf(value: unknown, field: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (field in Object.prototype && !Object.hasOwn(value, field)) return undefined
  return Reflect.get(value, field)
}

/** Follows fields from a value. */
export function follow(start: unknown, path: readonly string[]): unknown {
  return path.reduce(fieldOf, start)
}
