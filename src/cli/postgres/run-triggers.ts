import { type FollowedRelation, followedRelations } from '../../postgres/outbox/followed-relations.js'
import { DROP_OUTBOX_SQL, grantSql, OUTBOX_DDL_SQL, OUTBOX_SQL } from '../../postgres/outbox/outbox-sql.js'
import { dropTriggersSql, hasTriggers, triggersSql } from '../../postgres/outbox/triggers-sql.js'
import { plainName } from '../../sql/relation.js'
import { reasonOf } from '../../tools/reason-of.js'
import { CliError } from '../cli-error.js'
import type { Invocation } from '../command.js'
import { EXIT } from '../exit-codes.js'
import { counted } from '../format.js'
import type { DatabaseSession } from './database-session.js'

/** Whoever writes to a table waits for us as long as we wait for others. */
const LOCK_TIMEOUT = '5s'
/** PostgreSQL's code for a lock that was not to be had in time. */
const IN_USE = '55P03'

/** What is run in one transaction. */
interface Step {
  /** For people, where it fails. */
  readonly about: string
  readonly sql: string
  readonly isNeeded: boolean
}

/** Prints what makes the outbox of a database, or makes it. */
export async function runTriggers(
  { options, terminal }: Invocation,
  { query, place }: DatabaseSession,
): Promise<number> {
  const relations = await followedRelations(query, options.texts('ignore'))
  const isDrop = options.has('drop')
  const steps = isDrop
    ? stepsOfDrop(await followedRelations(query))
    : stepsOf(relations, options.text('role'), options.has('ddl'))
  if (!options.has('apply')) {
    const sql = steps.map((step) => step.sql).join('\n')
    if (options.has('json')) terminal.printJson({ sql })
    else terminal.print(sql.trimEnd())
    return EXIT.done
  }
  const needed = steps.filter(({ isNeeded }) => isNeeded)
  for (const step of needed) await apply(query, step)
  const changed = relations.filter((relation) => isDrop || !hasTriggers(relation)).map(plainName)
  if (options.has('json')) terminal.printJson({ tables: relations.length, changed })
  else if (isDrop) terminal.print(`The outbox and its triggers are gone (${place}).`)
  else {
    const news = changed.length === 0 ? 'all were there' : `new: ${changed.join(', ')}`
    terminal.print(`${counted(relations.length, 'table')} with triggers, ${news} (${place}).`)
  }
  return EXIT.done
}

function stepsOf(
  relations: readonly FollowedRelation[],
  role: string | undefined,
  withDdl: boolean,
): readonly Step[] {
  return [
    { about: 'the outbox', sql: OUTBOX_SQL, isNeeded: true },
    ...(role === undefined ? [] : [{ about: `the role ${role}`, sql: grantSql(role), isNeeded: true }]),
    ...relations.map((relation) => ({
      about: plainName(relation),
      sql: triggersSql(relation),
      isNeeded: !hasTriggers(relation),
    })),
    ...(withDdl ? [{ about: 'the event trigger', sql: OUTBOX_DDL_SQL, isNeeded: true }] : []),
  ]
}

function stepsOfDrop(relations: readonly FollowedRelation[]): readonly Step[] {
  return [
    ...relations
      .filter(({ triggers }) => triggers.length > 0)
      .map((relation) => ({ about: plainName(relation), sql: dropTriggersSql(relation), isNeeded: true })),
    { about: 'the outbox', sql: DROP_OUTBOX_SQL, isNeeded: true },
  ]
}

/** @throws CliError with what PostgreSQL says. */
async function apply(query: DatabaseSession['query'], { about, sql }: Step): Promise<void> {
  try {
    await query(`BEGIN; SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'; ${sql} COMMIT`)
  } catch (error) {
    await query('ROLLBACK').catch(() => {})
    const mend =
      Object(error).code === IN_USE
        ? `Something has held the table for ${LOCK_TIMEOUT}. Run it again: what is done is done.`
        : 'What is done is done: run it again once that is mended.'
    throw new CliError(`${about} could not be set up: ${reasonOf(error)}`, mend, error)
  }
}
