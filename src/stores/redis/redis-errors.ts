import { CacheError } from '../../errors.js'
import { StoreRefusal } from '../store-refusal.js'

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

/** The user of the connection may not run a command, or not with this key or channel. */
export function isNotPermitted({ message }: Error): boolean {
  return /\bNOPERM\b|\bACL failure\b|user executing the script/.test(message)
}

/** Whether that is for the command's own sake, and not for a key or a channel. */
export function isCommandNotPermitted({ message }: Error): boolean {
  return /run this command|permissions to run/.test(message)
}

/** @param commands - Those that Redis does not permit; none, if it is a key or a channel. */
export function notPermitted(commands: readonly string[], keyPrefix: string, cause: Error): StoreRefusal {
  const isChannel = /\bchannels?\b/.test(cause.message)
  const other = isChannel ? ['a channel', `&${keyPrefix}#*`] : ['a key', `~${keyPrefix}*`]
  const names = commands.map((command) => command.toUpperCase()).join(', ')
  const rules = commands.map((command) => `+${command.toLowerCase()}`).join(' ')
  return new StoreRefusal('all', {
    problem: `Redis does not permit ${names || other[0]} to the user of this cache: ${cause.message}`,
    mend: `Add ${rules || other[1]} to the rules of that user; docs/security.md has the whole line for ACL SETUSER. Requests are answered without the cache meanwhile.`,
    cause,
  })
}

/** The server has no database of that number. */
export function isNoDatabase({ message }: Error): boolean {
  return /DB index is out of range|SELECT is not allowed in cluster mode/.test(message)
}

/** @param database - Of the URL, or of the options of the client. */
export function noDatabase(database: number, cause: Error): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where: 'createCache({ redis })',
    problem: `the server has no database ${database}: ${cause.message}`,
    mend: `Give one that it has (redis-cli CONFIG GET databases; with 16 they are 0 to 15), or raise 'databases' in its configuration.`,
    cause,
  })
}

/**
 * `OOM` is said of what needs memory, which evictions do not; `ERR` of what is wrong with a command itself. Redis 6 says
 * `ERR` also of a script that it refused for another reason, which comes later in the text.
 */
function scopeOf(cause: Error): StoreRefusal['scope'] {
  const { message } = cause
  if (isNoDatabase(cause)) return 'all'
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
