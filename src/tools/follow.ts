/**
 * Follows fields from a value. What an object has from `Object.prototype` is no field, unless the object has one of that
 * name itself: `?constructor=ferrari` says something. What a class gives its objects, such as a getter, is a field.
 */
export function follow(start: unknown, path: readonly string[]): unknown {
  let value = start
  for (const field of path) {
    if (typeof value !== 'object' || value === null) return undefined
    if (!Object.hasOwn(value, field) && field in Object.prototype) return undefined
    value = Reflect.get(value, field)
  }
  return value
}
