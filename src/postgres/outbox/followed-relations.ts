import { Catalogue, type Query } from '../../sql/catalogue.js'
import { OF_USERS, OWN_SCHEMA } from '../../sql/catalogue-query.js'
import { plainName } from '../../sql/relation.js'
import { shapesOf } from '../../tracking/shapes.js'

/** A trigger as the catalogue has it. */
interface TriggerThere {
  readonly name: string
  /** The function's arguments. */
  readonly columns: readonly string[]
  readonly isAlways: boolean
}

/** A table or partition that people write to. */
export interface FollowedRelation {
  readonly schema: string
  readonly name: string
  /** The columns that stand in tags. */
  readonly columns: readonly string[]
  /** Ours. */
  readonly triggers: readonly TriggerThere[]
  /** Its rows come by logical replication, which runs no statement triggers. */
  readonly isSubscribed: boolean
}

interface RelationRow {
  readonly schema: string
  readonly name: string
  readonly isSubscribed: boolean
  readonly triggers:
    | readonly { readonly name: string; readonly args: string; readonly enabled: string }[]
    | null
}

/** Those of extensions belong to these: only a superuser may put triggers there. */
const RELATIONS_QUERY = `SELECT coalesce(json_agg(row_to_json(r)), '[]')::text AS relations FROM (
  SELECT n.nspname AS schema, c.relname AS name,
    EXISTS (SELECT FROM pg_subscription_rel s WHERE s.srrelid = c.oid) AS "isSubscribed",
    (SELECT json_agg(json_build_object('name', t.tgname, 'args', encode(t.tgargs, 'hex'), 'enabled', t.tgenabled))
     FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_namespace f ON f.oid = p.pronamespace
     WHERE t.tgrelid = c.oid AND f.nspname = '${OWN_SCHEMA}') AS triggers
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND ${OF_USERS}
    AND NOT EXISTS (SELECT FROM pg_depend d
      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
  ORDER BY n.nspname, c.relname) AS r`

/**
 * The tables and partitions of a database that have to have triggers.
 *
 * @param ignore - Tables as people name them; their partitions go with them.
 */
export async function followedRelations(
  query: Query,
  ignore: readonly string[] = [],
): Promise<readonly FollowedRelation[]> {
  const catalogue = await Catalogue.read(query)
  const [row] = await query(RELATIONS_QUERY)
  const relations = JSON.parse(String(row?.relations)) as readonly RelationRow[]
  return relations.flatMap(({ schema, name, isSubscribed, triggers }) => {
    const relation = catalogue.relation(name, schema)
    // One that was made between the two questions is found the next time.
    if (relation?.kind !== 'table') return []
    const { table } = relation
    if (ignore.includes(plainName(table)) || ignore.includes(plainName({ schema, name }))) return []
    const columns = shapesOf(table, '').flatMap((shape) => shape.columns.map((column) => column.name))
    return [
      {
        ...{ schema, name, isSubscribed },
        columns: [...new Set(columns)].sort(),
        triggers: (triggers ?? []).map((trigger) => ({
          name: trigger.name,
          columns: argumentsOf(trigger.args),
          isAlways: trigger.enabled === 'A',
        })),
      },
    ]
  })
}

/** Each ends with a zero byte. */
function argumentsOf(hex: string): readonly string[] {
  return Buffer.from(hex, 'hex').toString().split('\0').slice(0, -1)
}
