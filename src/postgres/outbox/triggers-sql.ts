import { OWN_SCHEMA } from '../../sql/catalogue-query.js'
import { quotedTable, quotedText } from '../quoted.js'
import type { FollowedRelation } from './followed-relations.js'

/** PostgreSQL wants a trigger for each event where rows are named. */
const EVENTS: readonly (readonly [event: string, rows: string])[] = [
  ['insert', ' REFERENCING NEW TABLE AS new_rows'],
  ['update', ' REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'],
  ['delete', ' REFERENCING OLD TABLE AS old_rows'],
  ['truncate', ''],
]

const nameOf = (event: string) => `express_cacheable_${event}`

/** Has a table write what is changed in it into the outbox; it may run again. */
export function triggersSql(relation: FollowedRelation): string {
  const table = quotedTable(relation)
  const lines = EVENTS.flatMap(([event, rows]) => {
    const name = nameOf(event)
    const columns = event === 'truncate' ? '' : relation.columns.map(quotedText).join(', ')
    return [
      `DROP TRIGGER IF EXISTS ${name} ON ${table};`,
      `CREATE TRIGGER ${name} AFTER ${event.toUpperCase()} ON ${table}${rows}`,
      `  FOR EACH STATEMENT EXECUTE FUNCTION ${OWN_SCHEMA}.note(${columns});`,
      `ALTER TABLE ONLY ${table} ENABLE ALWAYS TRIGGER ${name};`,
    ]
  })
  return `${lines.join('\n')}\n`
}

/** Takes its triggers away. */
export function dropTriggersSql(relation: FollowedRelation): string {
  const table = quotedTable(relation)
  return EVENTS.map(([event]) => `DROP TRIGGER IF EXISTS ${nameOf(event)} ON ${table};\n`).join('')
}

/** Whether a table has all that it has to have. */
export function hasTriggers({ columns, triggers }: FollowedRelation): boolean {
  return EVENTS.every(([event]) => {
    const found = triggers.find(({ name }) => name === nameOf(event))
    const wanted = event === 'truncate' ? [] : columns
    return found?.isAlways && JSON.stringify(found.columns) === JSON.stringify(wanted)
  })
}
