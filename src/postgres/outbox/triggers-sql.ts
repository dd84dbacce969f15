import { quotedTable, quotedText } from '../quoted.js'
import type { FollowedRelation } from './followed-relations.js'
import { DDL_TRIGGER_SQL, grantSql, OUTBOX_SCHEMA, OUTBOX_SQL } from './outbox-sql.js'

/** PostgreSQL wants a trigger for each event where rows are named. */
const EVENTS: readonly (readonly [event: string, rows: string])[] = [
  ['insert', ' REFERENCING NEW TABLE AS new_rows'],
  ['update', ' REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'],
  ['delete', ' REFERENCING OLD TABLE AS old_rows'],
  ['truncate', ''],
]

/** Whoever waits for a table behind us waits no longer. */
const LOCK_TIMEOUT = '5s'

const nameOf = (event: string) => `express_cacheable_${event}`

/**
 * All that makes a database write what is changed in it into the outbox; it may run again, in one transaction.
 *
 * @param relations - Those that get triggers.
 * @param role - Who follows, where that is not who runs this.
 */
export function triggersSql(relations: readonly FollowedRelation[], role?: string): string {
  const grants = role === undefined ? '' : `\n${grantSql(role)}`
  return `${lockTimeout()}\n${OUTBOX_SQL}${grants}${relations.map((each) => `\n${triggersOf(each)}`).join('')}`
}

/** Where one may make it: what says at once that tables have changed. */
export function ddlTriggerSql(): string {
  return DDL_TRIGGER_SQL
}

/** Takes all of it away; event triggers only where they are. */
export function dropTriggersSql(relations: readonly FollowedRelation[]): string {
  const drops = relations.flatMap((relation) =>
    relation.triggers.map(({ name }) => `DROP TRIGGER IF EXISTS ${name} ON ${quotedTable(relation)};\n`),
  )
  return `${lockTimeout()}${drops.join('')}DROP SCHEMA IF EXISTS ${OUTBOX_SCHEMA} CASCADE;\n`
}

/** Whether a table has all that it has to have. */
export function hasTriggers({ columns, triggers }: FollowedRelation): boolean {
  return EVENTS.every(([event]) => {
    const found = triggers.find(({ name }) => name === nameOf(event))
    const wanted = event === 'truncate' ? [] : columns
    return found?.isAlways && JSON.stringify(found.columns) === JSON.stringify(wanted)
  })
}

function triggersOf(relation: FollowedRelation): string {
  const table = quotedTable(relation)
  const lines = EVENTS.flatMap(([event, rows]) => {
    const name = nameOf(event)
    const columns = event === 'truncate' ? '' : relation.columns.map(quotedText).join(', ')
    return [
      `DROP TRIGGER IF EXISTS ${name} ON ${table};`,
      `CREATE TRIGGER ${name} AFTER ${event.toUpperCase()} ON ${table}${rows}`,
      `  FOR EACH STATEMENT EXECUTE FUNCTION ${OUTBOX_SCHEMA}.note(${columns});`,
      `ALTER TABLE ONLY ${table} ENABLE ALWAYS TRIGGER ${name};`,
    ]
  })
  return `${lines.join('\n')}\n`
}

function lockTimeout(): string {
  return `SET LOCAL lock_timeout = '${LOCK_TIMEOUT}';\n`
}
