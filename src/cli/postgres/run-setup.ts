import { PUBLICATION } from '../../postgres/follow-options.js'
import { setupSql } from '../../postgres/log/setup-sql.js'
import type { Invocation } from '../command.js'
import { EXIT } from '../exit-codes.js'
import type { DatabaseSession } from './database-session.js'

/** Prints what is still to be run before the log of a database can be followed. */
export async function runSetup(
  { options, terminal }: Invocation,
  { query, place }: DatabaseSession,
): Promise<number> {
  const role = options.text('role')
  const publication = options.text('publication') ?? PUBLICATION
  const sql = await setupSql(query, { publication, ...(role === undefined ? {} : { role }) })
  if (options.has('json')) terminal.printJson({ sql })
  else if (sql === '') terminal.note(`Nothing is left to run (${place}).`)
  else terminal.print(sql.trimEnd())
  return EXIT.done
}
