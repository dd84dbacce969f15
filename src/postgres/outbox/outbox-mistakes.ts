import type { Query } from '../../sql/catalogue.js'
import { plainName } from '../../sql/relation.js'
import { quotedName } from '../quoted.js'
import type { SetupMistake } from '../setup-mistake.js'
import { type FollowedRelation, followedRelations } from './followed-relations.js'
import { hasTriggers } from './triggers-sql.js'

type Named = Pick<FollowedRelation, 'schema' | 'name'>

/** Further ones are counted. */
const NAMED = 5
const COMMAND = 'npx express-cacheable postgres triggers'

const SERVER_QUERY = `SELECT pg_is_in_recovery() AS "isReplica", current_user AS role,
  to_regclass('express_cacheable.changes') IS NOT NULL AND to_regclass('express_cacheable.tickets') IS NOT NULL AS "isThere"`

const RIGHTS_QUERY = `SELECT
  NOT EXISTS (
    SELECT FROM unnest(ARRAY['changes', 'passed', 'followers']) AS t (name),
      unnest(ARRAY['SELECT', 'UPDATE', 'DELETE']) AS r (privilege)
    WHERE NOT has_table_privilege('express_cacheable.' || t.name, r.privilege))
  AND has_table_privilege('express_cacheable.passed', 'INSERT')
  AND has_table_privilege('express_cacheable.followers', 'INSERT')
  AND has_sequence_privilege('express_cacheable.gate', 'UPDATE')
  AND has_sequence_privilege('express_cacheable.tickets', 'SELECT')
  AND has_sequence_privilege('express_cacheable.tickets', 'UPDATE') AS "mayFollow"`

/** No trigger of a table sees a materialized view refreshed; the event trigger does. */
const VIEWS_QUERY = `SELECT n.nspname AS schema, c.relname AS name
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'm' AND NOT EXISTS (
    SELECT FROM pg_event_trigger WHERE evtname = 'express_cacheable_outbox_ddl' AND evtenabled IN ('A', 'O'))
  ORDER BY 1, 2`

/** What stands in the way of reading a database's outbox. */
export async function outboxMistakes(
  query: Query,
  ignore: readonly string[] = [],
): Promise<readonly SetupMistake[]> {
  const [server] = await query(SERVER_QUERY)
  if (server?.isReplica) {
    return [{ problem: 'the server is a replica', mend: 'Name the primary in connectionString.' }]
  }
  if (!server?.isThere) {
    return [{ problem: 'the database has no outbox', mend: `Run ${COMMAND} --apply.` }]
  }
  const [rights] = await query(RIGHTS_QUERY)
  const role = String(server.role)
  return [
    ...(rights?.mayFollow ? [] : [noRights(role)]),
    ...mistakesOfTables(await followedRelations(query, ignore)),
    ...mistakesOfViews((await query(VIEWS_QUERY)) as unknown as readonly Named[], ignore),
  ]
}

function mistakesOfViews(views: readonly Named[], ignore: readonly string[]): readonly SetupMistake[] {
  const followed = views.filter((view) => !ignore.includes(plainName(view)))
  if (followed.length === 0) return []
  return [
    {
      problem: `nobody hears when materialized views are refreshed: ${listOf(followed)}`,
      mend: `As a superuser run ${COMMAND} --apply --ddl, or name them in 'ignore' if no answer is made from them.`,
    },
  ]
}

function noRights(role: string): SetupMistake {
  return {
    problem: `the role ${quotedName(role)} may not read the outbox`,
    mend: `Run ${COMMAND} --apply --role ${/^[\w-]+$/.test(role) ? role : `'${role}'`} as the role that has made it.`,
  }
}

function mistakesOfTables(relations: readonly FollowedRelation[]): readonly SetupMistake[] {
  const without = relations.filter((relation) => !hasTriggers(relation))
  const subscribed = relations.filter(({ isSubscribed }) => isSubscribed)
  return [
    ...(without.length === 0
      ? []
      : [
          {
            problem: `${listOf(without)} ${without.length === 1 ? 'has' : 'have'} no triggers as they have to be now`,
            mend: `Run ${COMMAND} --apply; it may run after each migration.`,
          },
        ]),
    ...(subscribed.length === 0
      ? []
      : [
          {
            problem: `rows of ${listOf(subscribed)} come by logical replication, which runs no such triggers`,
            mend: `Follow the database that they come from, or name them in 'ignore' if no answer is made from them.`,
          },
        ]),
  ]
}

function listOf(relations: readonly Named[]): string {
  const names = relations.slice(0, NAMED).map(plainName)
  const more = relations.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}
