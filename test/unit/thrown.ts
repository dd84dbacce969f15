import { CacheError } from '#src/errors.js'

/** The CacheError that `action` throws. */
export function thrown(action: () => unknown): CacheError {
  try {
    action()
  } catch (error) {
    if (error instanceof CacheError) return error
    throw error
  }
  throw new Error('it threw nothing')
}

/** The CacheError that `promise` rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<CacheError> {
  const settled = await promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error,
  )
  return thrown(() => {
    throw settled
  })
}
