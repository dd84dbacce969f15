import type { Query } from '../../sql/catalogue.js'
import { plainName } from '../../sql/relation.js'
import { quotedName } from '../quoted.js'
import type { SetupMistake } from '../setup-mistake.js'
import { type FollowedRelation, followedRelations } from './followed-relations.js'
import { hasTriggers } from './triggers-sql.js'

/** Further ones are counted. */
const NAMED = 5
const COMMAND = 'npx express-cacheable postgres triggers'

const SERVER_QUERY = `SELECT pg_is_in_recovery() AS "isReplica", current_user AS role,
  to_regclass('express_cacheable.changes') IS NOT NULL AND to_regclass('express_cacheable.tickets') IS NOT NULL AS "isThere"`

const RIGHTS_QUERY = `SELECT
  has_table_privilege('express_cacheable.changes', 'SELECT') AND has_table_privilege('express_cacheable.changes', 'DELETE')
  AND has_table_privilege('express_cacheable.passed', 'INSERT') AND has_table_privilege('express_cacheable.followers', 'UPDATE')
  AND has_table_privilege('express_cacheable.followers', 'INSERT') AND has_table_privilege('express_cacheable.followers', 'DELETE')
  AND has_sequence_privilege('express_cacheable.gate', 'UPDATE')
  AND has_sequence_privilege('express_cacheable.tickets', 'UPDATE') AS "mayFollow"`

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

function listOf(relations: readonly FollowedRelation[]): string {
  const names = relations.slice(0, NAMED).map(plainName)
  const more = relations.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}
