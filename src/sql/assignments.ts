import type { InsertStmt, Node, OnConflictClause, ResTarget } from 'libpg-query'
import type { NoteParam } from './conditions.js'
import { operandOf } from './operands.js'
import type { Column, Columns } from './relation.js'
import { type Assigned, type Assignments, type Insert, NULL } from './statement.js'
import { namesOf } from './syntax.js'

/** What SET gives to columns. */
export function assignmentsOf(
  targets: readonly Node[] | undefined,
  columns: Columns,
  note: NoteParam,
): Assignments {
  return new Map(
    resTargets(targets).map((target) => [target.name ?? '', assigned(target, target.val, columns, note)]),
  )
}

/** The rows that a statement inserts, and what it does to those that are there already. */
export function insertOf(statement: InsertStmt, columns: Columns, note: NoteParam): Insert {
  const { onConflictClause: conflict } = statement
  const update = conflict?.action === 'ONCONFLICT_UPDATE' ? updateOf(conflict, columns, note) : undefined
  return { rows: rowsOf(statement, columns, note), update }
}

function updateOf(
  { infer, targetList }: OnConflictClause,
  columns: Columns,
  note: NoteParam,
): Insert['update'] {
  const elements = (infer?.indexElems ?? []).flatMap((node) => ('IndexElem' in node ? [node.IndexElem] : []))
  return {
    columns: elements.flatMap(({ name, collation }) => (name === undefined || collation ? [] : [name])),
    set: assignmentsOf(targetList, columns, note),
  }
}

function rowsOf(
  statement: InsertStmt,
  columns: Columns,
  note: NoteParam,
): readonly Assignments[] | undefined {
  const { cols, selectStmt, override } = statement
  const defaults = [...columns.values()].map((column) => [column.name, defaultOf(column)] as const)
  if (selectStmt === undefined) return [new Map(defaults)]
  const lists = 'SelectStmt' in selectStmt ? selectStmt.SelectStmt.valuesLists : undefined
  if (!lists) return undefined
  const targets = cols ? resTargets(cols) : [...columns.keys()].map((name): ResTarget => ({ name }))
  const given = (values: readonly Node[]) =>
    values.map((value, place) => {
      const target = targets[place] ?? {}
      return [target.name ?? '', assigned(target, value, columns, note)] as const
    })
  const rows = lists.map((list) => given('List' in list ? (list.List.items ?? []) : []))
  // OVERRIDING USER VALUE takes what PostgreSQL counts, and no value of the statement's.
  const computed =
    override === 'OVERRIDING_USER_VALUE' ? defaults.filter(([, value]) => value === undefined) : []
  return rows.map((row) => new Map([...defaults, ...row, ...computed]))
}

function assigned(target: ResTarget, value: Node | undefined, columns: Columns, note: NoteParam): Assigned {
  const column = columns.get(target.name ?? '')
  if (!column || !value || target.indirection?.length || column.isGenerated) return undefined
  if ('SetToDefault' in value) return defaultOf(column)
  const names = 'ColumnRef' in value ? namesOf(value.ColumnRef.fields) : undefined
  if (names?.length === 2 && names[0] === 'excluded') return { excluded: names[1] ?? '' }
  if (column.family === undefined) return undefined
  const operand = operandOf(value, column)
  if (operand === 'none') return undefined
  if (typeof operand === 'object' && 'param' in operand) note(operand.param)
  return { operand }
}

function defaultOf({ hasDefault, isGenerated }: Column): Assigned {
  return hasDefault || isGenerated ? undefined : { operand: NULL }
}

function resTargets(nodes: readonly Node[] | undefined): readonly ResTarget[] {
  return (nodes ?? []).flatMap((node) => ('ResTarget' in node ? [node.ResTarget] : []))
}
