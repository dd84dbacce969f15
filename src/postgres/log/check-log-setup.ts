import type { Query } from '../../sql/catalogue.js'
import { OF_USERS } from '../../sql/catalogue-query.js'
import { plainName } from '../../sql/relation.js'
import { quotedName, quotedText } from '../quoted.js'
import type { SetupMistake } from '../setup-mistake.js'

export interface LogSetup {
  readonly publication: string
  /** Tables that need not be followed, as people name them. */
  readonly ignore: readonly string[]
}

const OLDEST_VERSION = 140_000
/** What is named of many. */
const MOST_NAMED = 20

/** What the database says of itself; tables as SQL names them, and as people do. */
interface Found {
  readonly version: number
  readonly versionText: string
  readonly walLevel: string
  readonly role: string
  readonly mayReplicate: boolean
  readonly publication: {
    readonly name: string
    readonly insert: boolean
    readonly update: boolean
    readonly delete: boolean
    readonly truncate: boolean
  } | null
  readonly tables: readonly FoundTable[] | null
  readonly slots: Use
  readonly senders: Use
  /** Whether a follower has a slot already, so that another needs none. */
  readonly isFollowed: boolean
}

interface Use {
  readonly used: number
  readonly most: number
}

interface FoundTable {
  readonly sqlName: string
  readonly schema: string
  readonly name: string
  /** Itself, or of a partition the table that it belongs to. */
  readonly root: string
  readonly isLogged: boolean
  readonly isPublished: boolean
  readonly isFiltered: boolean
  readonly hasIdentity: boolean
}

const TABLES = (publication: string) => `
  SELECT format('%I.%I', n.nspname, c.relname) AS "sqlName", n.nspname AS schema, c.relname AS name,
    (SELECT CASE WHEN rn.nspname = 'public' THEN '' ELSE rn.nspname || '.' END || r.relname
     FROM pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace
     WHERE r.oid = coalesce(pg_partition_root(c.oid), c.oid)) AS root,
    c.relpersistence = 'p' AS "isLogged",
    p.relation IS NOT NULL AS "isPublished",
    p.filter IS NOT NULL AS "isFiltered",
    CASE c.relreplident WHEN 'f' THEN true WHEN 'n' THEN false
      WHEN 'd' THEN EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)
      ELSE EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisreplident) END AS "hasIdentity"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN LATERAL (
    SELECT t.oid AS relation, to_jsonb(pt) ->> 'rowfilter' AS filter
    FROM pg_publication_tables pt
    JOIN pg_namespace tn ON tn.nspname = pt.schemaname
    JOIN pg_class t ON t.relname = pt.tablename AND t.relnamespace = tn.oid
    WHERE pt.pubname = ${quotedText(publication)}
      AND (t.oid = c.oid OR t.oid IN (SELECT relid FROM pg_partition_ancestors(c.oid)))
    LIMIT 1) AS p ON true
  WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND ${OF_USERS}
  ORDER BY 1`

const SETUP = (publication: string) => `SELECT json_build_object(
  'version', current_setting('server_version_num')::int,
  'versionText', current_setting('server_version'),
  'walLevel', current_setting('wal_level'),
  'role', quote_ident(current_user),
  'mayReplicate', (SELECT r.rolreplication OR r.rolsuper OR EXISTS (
      SELECT FROM pg_roles h WHERE h.rolname = 'rds_replication' AND pg_has_role(r.oid, h.oid, 'MEMBER'))
    FROM pg_roles r WHERE r.rolname = current_user),
  'publication', (SELECT json_build_object('name', quote_ident(pubname), 'insert', pubinsert, 'update', pubupdate,
      'delete', pubdelete, 'truncate', pubtruncate)
    FROM pg_publication WHERE pubname = ${quotedText(publication)}),
  'tables', (SELECT json_agg(row_to_json(t)) FROM (${TABLES(publication)}) AS t),
  'slots', json_build_object('used', (SELECT count(*) FROM pg_replication_slots),
    'most', current_setting('max_replication_slots')::int),
  'senders', json_build_object('used', (SELECT count(*) FROM pg_stat_replication),
    'most', current_setting('max_wal_senders')::int),
  'isFollowed', EXISTS (SELECT FROM pg_replication_slots WHERE slot_name LIKE 'express\\_cacheable\\_%')
)::text AS setup`

/**
 * What stands in the way of following a database through its log, each with what to type.
 *
 * @param query - Runs a statement with the rights of whoever will follow.
 */
export async function mistakesOfLog(query: Query, setup: LogSetup): Promise<readonly SetupMistake[]> {
  const [row] = await query(SETUP(setup.publication))
  const found: Found = JSON.parse(String(row?.setup))
  return [
    ...mistakesOfServer(found),
    ...mistakesOfPublication(found, setup),
    ...mistakesOfTables(found, setup),
    ...mistakesOfUse(found),
  ]
}

function mistakesOfServer({ version, versionText, walLevel, role, mayReplicate }: Found): SetupMistake[] {
  const mistakes: SetupMistake[] = []
  if (version < OLDEST_VERSION) {
    mistakes.push({
      problem: `PostgreSQL ${versionText} is older than 14`,
      mend: `Use PostgreSQL 14 or newer, or followDatabase(cache, { from: 'outbox' }).`,
    })
  }
  if (walLevel !== 'logical') {
    mistakes.push({
      problem: `PostgreSQL's wal_level is ${walLevel}, so that its log does not tell which rows have changed`,
      mend: `As a superuser run ALTER SYSTEM SET wal_level = 'logical'; and restart PostgreSQL; hosts have a setting for it, such as rds.logical_replication.`,
    })
  }
  if (!mayReplicate) {
    mistakes.push({
      problem: `the role ${role} may not read the log`,
      mend: `As a superuser run ALTER ROLE ${role} REPLICATION;`,
    })
  }
  return mistakes
}

function mistakesOfPublication({ publication, tables }: Found, setup: LogSetup): SetupMistake[] {
  if (!publication) {
    return [
      // Ahead of the publication, which would stop their writers.
      ...about(
        (tables ?? []).filter(({ isLogged, hasIdentity }) => isLogged && !hasIdentity),
        (names) =>
          `without a primary key, PostgreSQL would refuse to update or delete rows of ${names} once they are published`,
        identify,
      ),
      {
        problem: `there is no publication ${setup.publication}`,
        mend: `As a superuser run CREATE PUBLICATION ${quoted(setup.publication)} FOR ALL TABLES;`,
      },
    ]
  }
  const missing = (['insert', 'update', 'delete', 'truncate'] as const).filter((kind) => !publication[kind])
  if (missing.length === 0) return []
  return [
    {
      problem: `the publication ${publication.name} lacks ${missing.join(', ')}`,
      mend: `Run ALTER PUBLICATION ${publication.name} SET (publish = 'insert, update, delete, truncate');`,
    },
  ]
}

function mistakesOfTables({ publication, tables }: Found, { ignore }: LogSetup): SetupMistake[] {
  if (!publication) return []
  const followed = (tables ?? []).filter(
    ({ root, schema, name }) => !ignore.includes(root) && !ignore.includes(plainName({ schema, name })),
  )
  const published = followed.filter(({ isPublished }) => isPublished)
  return [
    ...about(
      followed.filter(({ isLogged }) => !isLogged),
      (names) => `no log is kept of ${names}`,
      (table) => `ALTER TABLE ${table} SET LOGGED;`,
      ` Or name them in followDatabase(cache, { ignore }), if no answer is made from them.`,
    ),
    ...about(
      followed.filter(({ isLogged, isPublished }) => isLogged && !isPublished),
      (names) => `the publication ${publication.name} lacks the tables ${names}`,
      (table) => `ALTER PUBLICATION ${publication.name} ADD TABLE ${table};`,
      ` Or name them in followDatabase(cache, { ignore }), if no answer is made from them.`,
    ),
    ...about(
      published.filter(({ isFiltered }) => isFiltered),
      (names) => `the publication ${publication.name} leaves out rows of ${names}`,
      (table) => `ALTER PUBLICATION ${publication.name} DROP TABLE ${table}, ADD TABLE ${table};`,
    ),
    // Those that are ignored too: PostgreSQL asks nobody which of them matter.
    ...about(
      (tables ?? []).filter(({ isPublished, hasIdentity }) => isPublished && !hasIdentity),
      (names) =>
        `PostgreSQL refuses to update or delete rows of ${names}, which are published without a primary key`,
      identify,
    ),
  ]
}

function identify(table: string): string {
  return `ALTER TABLE ${table} REPLICA IDENTITY FULL;`
}

function mistakesOfUse({ slots, senders, isFollowed }: Found): SetupMistake[] {
  if (isFollowed) return []
  const full = (what: string, setting: string, { used, most }: Use): SetupMistake[] =>
    used < most
      ? []
      : [
          {
            problem: `all ${most} ${what} of PostgreSQL are in use`,
            mend: `As a superuser run ALTER SYSTEM SET ${setting} = ${used + 5}; and restart PostgreSQL.`,
          },
        ]
  return [
    ...full('replication slots', 'max_replication_slots', slots),
    ...full('WAL senders', 'max_wal_senders', senders),
  ]
}

function about(
  tables: readonly FoundTable[],
  problem: (names: string) => string,
  statement: (table: string) => string,
  or = '',
): SetupMistake[] {
  if (tables.length === 0) return []
  const named = tables.slice(0, MOST_NAMED)
  const more = tables.length - named.length
  const names = named.map(plainName).join(', ')
  const statements = named.map(({ sqlName }) => statement(sqlName)).join(' ')
  return [
    {
      problem: problem(more > 0 ? `${names} and ${more} more` : names),
      mend: `Run ${statements}${more > 0 ? ' And so on.' : ''}${or}`,
    },
  ]
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : quotedName(name)
}
