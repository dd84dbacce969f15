/** What `CacheError` has, of whichever copy of this package. */
export interface Mendable extends Error {
  readonly code: string
  readonly where: string | undefined
  readonly mend: string
}

/** Whether an error says how to mend what is wrong. */
export function isMendable(error: unknown): error is Mendable {
  return (
    error instanceof Error && error.name === 'CacheError' && typeof Reflect.get(error, 'mend') === 'string'
  )
}

/** What is wrong and where, without the mend. */
export function problemOf({ message, mend }: Mendable): string {
  return (message.endsWith(mend) ? message.slice(0, -mend.length) : message).trimEnd()
}
