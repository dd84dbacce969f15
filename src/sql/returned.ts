import type { Node, ResTarget, ReturningClause } from 'libpg-query'
import { familyOfCast } from './operands.js'
import { columnNamed, type Names, type Reference } from './references.js'
import type { Returned } from './statement.js'
import { namesOf } from './syntax.js'

const NOTHING: Returned = new Map()

/**
 * Under which names RETURNING gives the columns of the table that is written; undefined if there is no RETURNING. A name
 * that may stand for something else too is left out, for drivers keep the last of two.
 *
 * @param isAlone - No other table or query stands beside it, of which `*` would give columns too.
 */
export function returnedOf(
  clause: ReturningClause | undefined,
  target: Reference,
  names: Names,
  isAlone: boolean,
): Returned | undefined {
  if (clause === undefined) return undefined
  // To PostgreSQL 18, these are the row before and after.
  if (['old', 'new'].includes(target.alias) || clause.options?.length) return NOTHING
  const outputs: [output: string, column: string | undefined][] = []
  for (const node of clause.exprs ?? []) {
    const item = 'ResTarget' in node ? node.ResTarget : {}
    if (isStar(item, target, isAlone)) outputs.push(...ownNames(target))
    else {
      const output = outputOf(item, target, names)
      // Nobody says here what PostgreSQL calls it.
      if (!output) return NOTHING
      outputs.push(output)
    }
  }
  const counts = new Map<string, number>()
  for (const [name] of outputs) counts.set(name, (counts.get(name) ?? 0) + 1)
  return new Map(
    outputs.flatMap(([name, column]) =>
      column !== undefined && counts.get(name) === 1 ? [[column, name]] : [],
    ),
  )
}

function isStar({ val }: ResTarget, target: Reference, isAlone: boolean): boolean {
  const fields = val && 'ColumnRef' in val ? (val.ColumnRef.fields ?? []) : []
  const last = fields.at(-1)
  if (!last || !('A_Star' in last) || fields.length > 2) return false
  return fields.length === 1 ? isAlone : namesOf(fields.slice(0, 1))?.[0] === target.alias
}

function ownNames({ columns }: Reference): [string, string][] {
  return [...columns.keys()].map((name) => [name, name])
}

function outputOf(
  { name, val }: ResTarget,
  target: Reference,
  names: Names,
): [output: string, column: string | undefined] | undefined {
  const column = val && columnOf(val, target, names)
  if (name !== undefined) return [name, column]
  const own = val && (withoutCast(val) ?? val)
  const fields = own && 'ColumnRef' in own ? namesOf(own.ColumnRef.fields) : undefined
  const last = fields?.at(-1)
  return last === undefined ? undefined : [last, column]
}

function columnOf(value: Node, target: Reference, names: Names): string | undefined {
  const inner = withoutCast(value)
  const bare = inner ?? value
  const found = 'ColumnRef' in bare ? columnNamed(bare.ColumnRef, names) : undefined
  if (found?.reference !== target) return undefined
  if (inner && 'TypeCast' in value) {
    const family = familyOfCast(value.TypeCast.typeName, found.column)
    if (family !== 'text' && family !== found.column.family) return undefined
  }
  return found.column.name
}

/** PostgreSQL calls a column that is cast as it calls the column. */
function withoutCast(value: Node): Node | undefined {
  return 'TypeCast' in value && !value.TypeCast.typeName?.arrayBounds?.length ? value.TypeCast.arg : undefined
}
