import { CacheError } from '../../errors.js'
import { StoreRefusal } from '../store-refusal.js'

/** An error that Redis has sent, by its name in ioredis. */
export function isErrorReply(cause: unknown): cause is Error {
  return cause instanceof Error && cause.name === 'ReplyError'
}

/** Redis is a replica. */
export function isReadOnly({ message }: Error): boolean {
  return /\bREADONLY\b/.test(message)
}

export function refused(cause: Error): StoreRefusal {
  return new StoreRefusal(scopeOf(cause), {
    problem: `Redis refused a command: ${cause.message}`,
    mend: 'Requests are answered without the cache meanwhile; the guide on trouble with Redis says what each refusal means.',
    cause,
  })
}

/**
 * `OOM` is said of what needs memory, which evictions do not; `ERR` of what is wrong with a command itself. Redis 6 says
 * `ERR` also of a script that it refused for another reason, which comes later in the text.
 */
function scopeOf({ message }: Error): StoreRefusal['scope'] {
  if (/\bOOM\b/.test(message)) return 'growth'
  return message.startsWith('ERR') && !/\b(READONLY|NOREPLICAS|MISCONF)\b/.test(message) ? 'command' : 'all'
}

export function late(key: string): StoreRefusal {
  return new StoreRefusal('command', {
    problem: `a value for '${key}' was on its way to Redis for longer than the deadline, and was not stored`,
    mend: 'Requests are answered without the cache meanwhile; raise deadlineMs if this happens often.',
  })
}

export function unavailable(problem: string, cause?: unknown): CacheError {
  return new CacheError('E_CACHE_STORE_UNAVAILABLE', {
    problem,
    mend: 'Requests are answered without the cache meanwhile; check that Redis runs and can be reached.',
    cause,
  })
}
