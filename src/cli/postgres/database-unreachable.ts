import { reasonOf } from '../../tools/reason-of.js'
import { CliError } from '../cli-error.js'

interface Cause {
  readonly is: RegExp
  readonly problem: string
  readonly mend: string
}

const LOOK = 'in --database or DATABASE_URL'

/** By codes of Node and of PostgreSQL (appendix A), and by what is said where there is none. */
const CAUSES: readonly Cause[] = [
  {
    is: /ECONNREFUSED/,
    problem: 'nothing listens there',
    mend: `Start PostgreSQL, or look at the host and the port ${LOOK}.`,
  },
  {
    is: /ENOTFOUND|EAI_AGAIN/,
    problem: 'there is no host of that name',
    mend: `Look at the host ${LOOK}. Names of containers are known to other containers alone.`,
  },
  {
    is: /28P01|28000|password must be a string/,
    problem: 'it does not let that user in',
    mend: `Look at the user and the password ${LOOK}; special characters are percent-encoded.`,
  },
  {
    is: /3D000/,
    problem: 'it has no database of that name',
    mend: `Look at the name behind the last / ${LOOK}.`,
  },
  {
    is: /certificate|self.signed|SSL|TLS/i,
    problem: 'TLS fails between here and there',
    mend: 'Add ?sslmode=require, ?sslmode=no-verify or ?sslmode=disable to the URL; NODE_EXTRA_CA_CERTS names the certificates that you trust.',
  },
]

/** Says why a PostgreSQL cannot be reached, and what to do about it. */
export function databaseUnreachable(place: string, trouble: unknown): CliError {
  const reason = reasonOf(trouble)
  const cause = CAUSES.find(({ is }) => is.test(`${reason} ${Object(trouble).code}`))
  const { problem, mend } = cause ?? {
    problem: reason.replace(/[.\s]+$/, ''),
    mend: `Look whether psql can connect, and what is between here and there.`,
  }
  return new CliError(`${place} cannot be reached: ${problem}`, mend, trouble)
}
