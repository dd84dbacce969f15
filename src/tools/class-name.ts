/** What a class is called, or that of an instance; empty where it has no name. */
export function classNameOf(value: unknown): string {
  const { name } = typeof value === 'function' ? value : Object(value).constructor
  return name
}
