import type { Query } from '../../sql/catalogue.js'
import { OF_USERS } from '../../sql/catalogue-query.js'
import { quotedName, quotedText } from '../quoted.js'
import { DDL_TRIGGER_SQL } from './ddl-trigger.js'

export interface LogSetupOptions {
  readonly publication: string
  /** Who follows; without it, who asks. */
  readonly role?: string
}

interface Found {
  readonly walLevel: string
  readonly role: string
  readonly mayReplicate: boolean
  readonly isPublished: boolean
  readonly hasEventTrigger: boolean
  /** As SQL names them. */
  readonly withoutKey: readonly string[] | null
  readonly withMoreIndexes: readonly string[] | null
}

const TABLE = `format('%I.%I', n.nspname, c.relname)`
const TABLES = `pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND ${OF_USERS}`
const HAS_KEY = `EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)`

const foundSql = (publication: string, role: string) => `SELECT json_build_object(
  'walLevel', current_setting('wal_level'),
  'role', ${role},
  'mayReplicate', (SELECT r.rolreplication OR r.rolsuper OR EXISTS (
      SELECT FROM pg_roles h WHERE h.rolname = 'rds_replication' AND pg_has_role(r.oid, h.oid, 'MEMBER'))
    FROM pg_roles r WHERE r.rolname = ${role}),
  'isPublished', EXISTS (SELECT FROM pg_publication WHERE pubname = ${publication}),
  'hasEventTrigger', EXISTS (SELECT FROM pg_event_trigger WHERE evtname = 'express_cacheable_ddl'),
  'withoutKey', (SELECT json_agg(${TABLE} ORDER BY n.nspname, c.relname) FROM ${TABLES}
    AND (c.relreplident = 'n' OR (c.relreplident = 'd' AND NOT ${HAS_KEY}))),
  'withMoreIndexes', (SELECT json_agg(${TABLE} ORDER BY n.nspname, c.relname) FROM ${TABLES}
    AND c.relreplident = 'd' AND ${HAS_KEY}
    AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND NOT i.indisprimary AND i.indpred IS NULL))
)::text AS found`

/** The SQL that is still to be run before the log of a database can be followed, with who runs what; '' for none. */
export async function setupSql(query: Query, { publication, role }: LogSetupOptions): Promise<string> {
  const asker = role === undefined ? 'current_user' : quotedText(role)
  const [row] = await query(foundSql(quotedText(publication), asker))
  const found: Found = JSON.parse(String(row?.found))
  const withoutKey = (found.withoutKey ?? []).map((table) => `ALTER TABLE ${table} REPLICA IDENTITY FULL;`)
  const parts = [
    found.walLevel === 'logical'
      ? ''
      : part(
          'As a superuser, once for the server, which has to be restarted then. Hosts have a setting in place of it, such as rds.logical_replication.',
          [`ALTER SYSTEM SET wal_level = 'logical';`],
        ),
    found.mayReplicate ? '' : part('As a superuser.', [`ALTER ROLE ${quotedName(found.role)} REPLICATION;`]),
    part(
      'Without a primary key: PostgreSQL would refuse to update or delete their rows once they are published.',
      withoutKey,
    ),
    found.isPublished
      ? ''
      : part(
          'As a superuser. Tables that come later are in it, too; those without a primary key want REPLICA IDENTITY FULL as well.',
          [`CREATE PUBLICATION ${quotedName(publication)} FOR ALL TABLES;`],
        ),
    found.hasEventTrigger
      ? ''
      : part(
          'Optional, as a superuser: a migration is seen with its commit instead of within about a second.',
          [DDL_TRIGGER_SQL],
        ),
  ].filter((text) => text !== '')
  const optional = (found.withMoreIndexes ?? []).map(
    (table) => `-- ALTER TABLE ${table} REPLICA IDENTITY FULL;`,
  )
  const about = part(
    'Optional: with its old values in the log, which grows by that, a row that changes evicts fewer lists.',
    optional,
  )
  return parts.length === 0 ? '' : [...parts, about].filter((text) => text !== '').join('\n')
}

function part(why: string, statements: readonly string[]): string {
  return statements.length === 0 ? '' : `-- ${why}\n${statements.join('\n')}\n`
}
