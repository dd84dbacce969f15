/** Follows fields from a value; what is inherited from Object is no field. */
export function follow(start: unknown, path: readonly string[]): unknown {
  let value = start
  for (const field of path) {
    if (typeof value !== 'object' || value === null || field in Object.prototype) return undefined
    value = Reflect.get(value, field)
  }
  return value
}
