import { reasonOf } from '../tools/reason-of.js'
import { CliError } from './cli-error.js'

interface Cause {
  readonly is: RegExp
  readonly problem: string
  readonly mend: string
}

const CAUSES: readonly Cause[] = [
  {
    is: /ECONNREFUSED/,
    problem: 'nothing listens there',
    mend: 'Start Redis, or name another one: --redis redis://host:6379, or REDIS_URL.',
  },
  {
    is: /ENOTFOUND|EAI_AGAIN/,
    problem: 'there is no host of that name',
    mend: 'Look at the host in --redis or REDIS_URL. Names of containers are known to other containers alone.',
  },
  {
    is: /ENOENT|EACCES/,
    problem: 'the socket is not there, or not for you',
    mend: 'Look at the path in --redis or REDIS_URL.',
  },
  {
    is: /WRONGPASS|invalid password|invalid username-password/i,
    problem: 'it does not take the user or the password of the URL',
    mend: 'Write redis://user:password@host:6379, with special characters percent-encoded; redis://:password@… for the default user.',
  },
  {
    is: /NOAUTH|Authentication required/i,
    problem: 'it wants a password, and the URL has none',
    mend: 'Write redis://:password@host:6379, or redis://user:password@host:6379. REDIS_URL keeps it out of the history of your shell.',
  },
  {
    is: /certificate|self.signed|SSL|TLS|wrong version number|packet length too long/i,
    problem: 'TLS fails between here and there',
    mend: 'Write rediss:// for a server with TLS and redis:// for one without; NODE_EXTRA_CA_CERTS names the certificates that you trust.',
  },
  {
    is: /RESP type|Protocol error/i,
    problem: 'what answers there speaks no RESP',
    mend: 'Look at the port in --redis or REDIS_URL: a Redis mostly listens at 6379.',
  },
  {
    is: /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|Connection is closed/,
    problem: 'no connection comes about',
    mend: 'Look at the host, the port and what is between here and there: a firewall, a VPN, a TLS port spoken to without rediss://.',
  },
]

const UNKNOWN: Pick<Cause, 'problem' | 'mend'> = {
  problem: 'it did not answer in time',
  mend: 'Look whether redis-cli -u <url> PING answers; a server with TLS wants rediss://, and one without redis://.',
}

/** Says why a Redis cannot be reached, and what to do about it. */
export function unreachable(server: string, trouble: unknown): CliError {
  const reason = trouble === undefined ? '' : reasonOf(trouble)
  const cause = CAUSES.find(({ is }) => is.test(`${reason} ${codeOf(trouble)}`))
  const { problem, mend } =
    cause ?? (reason === '' ? UNKNOWN : { ...UNKNOWN, problem: reason.replace(/[.\s]+$/, '') })
  return new CliError(`Redis at ${server} cannot be reached: ${problem}`, mend, trouble)
}

function codeOf(trouble: unknown): string {
  const { code } = (trouble ?? {}) as { readonly code?: unknown }
  return typeof code === 'string' ? code : ''
}
