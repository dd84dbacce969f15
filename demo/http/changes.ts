import { InvalidInput } from './invalid-input.js'

type PresentFields<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The fields that were sent. Prisma then leaves the other columns as they are. */
export function presentFields<T extends object>(fields: T): PresentFields<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as PresentFields<T>
}

/** Objects to an update that names nothing to change: more likely a mistake than a wish. */
export function requireChanges(fields: object): void {
  if (Object.keys(presentFields(fields)).length > 0) return
  throw InvalidInput.of('body', 'must be a JSON object with at least one field to change')
}
