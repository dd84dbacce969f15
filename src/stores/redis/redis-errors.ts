import { CacheError } from '../../errors.js'

/** An error that Redis has sent, by its name in ioredis. */
export function isErrorReply(cause: unknown): cause is Error {
  return cause instanceof Error && cause.name === 'ReplyError'
}

export function refused(cause: Error): CacheError {
  return new CacheError('E_CACHE_STORE_REFUSED', {
    problem: `Redis refused a command: ${cause.message}`,
    mend: 'Requests are answered without the cache meanwhile; the guide on trouble with Redis says what each refusal means.',
    cause,
  })
}

export function unavailable(problem: string, cause?: unknown): CacheError {
  return new CacheError('E_CACHE_STORE_UNAVAILABLE', {
    problem,
    mend: 'Requests are answered without the cache meanwhile; check that Redis runs and can be reached.',
    cause,
  })
}
