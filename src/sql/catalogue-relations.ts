import { groupBy } from '../tools/group-by.js'
import type { CatalogueRows, ColumnRow, RelationRow, TriggerRow } from './catalogue-query.js'
import {
  type Column,
  type Columns,
  FAMILIES,
  type ForeignKey,
  type Index,
  type KeyAction,
  type Relation,
  type RowEvent,
  type Table,
  type Trigger,
} from './relation.js'

/** The table of a family under construction: foreign keys point at tables that are not made yet. */
interface DraftTable extends Table {
  readonly foreignKeys: ForeignKey[]
  readonly referencedBy: ForeignKey[]
}

const ACTIONS: Readonly<Record<string, KeyAction>> = { c: 'cascade', n: 'set null', d: 'set default' }

const EVENT_BITS: Readonly<Record<RowEvent, number>> = { insert: 4, delete: 8, update: 16, truncate: 32 }
const BEFORE_BITS = 2 | 64

/** What each name stands for, by `schema.name`; undefined for what holds rows that are no table's. */
export function relationsOf(rows: CatalogueRows): ReadonlyMap<string, Relation | undefined> {
  const tables = tablesOf(rows)
  const triggers = groupBy(rows.triggers ?? [], ({ relation }) => relation)
  const relationOf = (row: RelationRow): Relation | undefined => {
    const { id, schema, name, definition, columns } = row
    const table = tables.get(id)
    if (table) return { kind: 'table', table, columns: columnsOf(columns ?? []) }
    if (definition === null) return undefined
    return { kind: 'view', schema, name, definition, triggers: (triggers.get(id) ?? []).map(triggerOf) }
  }
  return new Map((rows.relations ?? []).map((row) => [`${row.schema}.${row.name}`, relationOf(row)]))
}

/** By the id of each relation that holds rows. */
function tablesOf(rows: CatalogueRows): ReadonlyMap<string, DraftTable> {
  const holding = (rows.relations ?? []).filter(({ kind }) => ['r', 'p', 'm'].includes(kind))
  const families = familiesOf(holding)
  const tables = new Map<string, DraftTable>()
  for (const family of new Set(families.values())) {
    const table = tableOf(family, rows)
    for (const { id } of family) tables.set(id, table)
  }
  addForeignKeys(tables, rows)
  return tables
}

/** Each relation with its ancestors and descendants, the first of which is its root. */
function familiesOf(relations: readonly RelationRow[]): ReadonlyMap<string, readonly RelationRow[]> {
  const families = new Map(relations.map((row) => [row.id, [row]]))
  for (const { id, parents } of relations) {
    for (const parent of parents ?? []) {
      const [one, other] = [families.get(parent), families.get(id)]
      if (!one || !other || one === other) continue
      one.push(...other)
      for (const member of other) families.set(member.id, one)
    }
  }
  for (const family of new Set(families.values())) family.sort(rootsFirst)
  return families
}

function rootsFirst(one: RelationRow, other: RelationRow): number {
  const byParents = Number(one.parents !== null) - Number(other.parents !== null)
  return byParents || (`${one.schema}.${one.name}` < `${other.schema}.${other.name}` ? -1 : 1)
}

function tableOf(family: readonly RelationRow[], rows: CatalogueRows): DraftTable {
  const [root] = family as [RelationRow]
  const ids = new Set(family.map(({ id }) => id))
  // Of two roots, neither need have the other's columns.
  const hasOneRoot = family.filter(({ parents }) => parents === null).length === 1
  const columns = columnsOf(root.columns ?? [], family)
  return {
    schema: root.schema,
    name: root.name,
    columns,
    indexes: hasOneRoot ? indexesOf(root.id, rows) : [],
    foreignKeys: [],
    referencedBy: [],
    triggers: (rows.triggers ?? []).filter(({ relation }) => ids.has(relation)).map(triggerOf),
    isPartitioned: root.kind === 'p',
    policies: (rows.policies ?? []).filter(({ relation }) => ids.has(relation)).map((row) => row.condition),
  }
}

/** @param family - Where a column is generated in one partition only, it counts as generated. */
function columnsOf(rows: readonly ColumnRow[], family: readonly RelationRow[] = []): Columns {
  const generated = family.flatMap(({ columns }) => columns ?? []).filter(({ isGenerated }) => isGenerated)
  const generatedNames = new Set(generated.map(({ name }) => name))
  return new Map(rows.map((row) => [row.name, columnOf(row, generatedNames)]))
}

function columnOf(row: ColumnRow, generated: ReadonlySet<string>): Column {
  const { name, type, typeSchema, isEnum, isExact, isLimited, hasDefault, isGenerated } = row
  const family = isEnum ? 'enum' : typeSchema === 'pg_catalog' && isExact ? FAMILIES.get(type) : undefined
  return {
    name,
    family,
    enumType: isEnum ? `${typeSchema}.${type}` : undefined,
    isLimited,
    hasDefault,
    isGenerated: isGenerated || generated.has(name),
  }
}

function indexesOf(root: string, rows: CatalogueRows): readonly Index[] {
  const own = (rows.indexes ?? []).filter(({ relation }) => relation === root)
  return own.map(({ columns, isPrimary, isUnique }) => {
    const firstExpression = columns.indexOf(null)
    const isPlain = firstExpression === -1
    const plain = (isPlain ? columns : columns.slice(0, firstExpression)) as readonly string[]
    return { columns: plain, isPrimary, isUnique: isUnique && isPlain }
  })
}

function triggerOf({ name, type }: TriggerRow): Trigger {
  const events = (Object.keys(EVENT_BITS) as RowEvent[]).filter((event) => (type & EVENT_BITS[event]) !== 0)
  return { name, events: new Set(events), isBefore: (type & BEFORE_BITS) !== 0, isRule: type === -1 }
}

function addForeignKeys(tables: ReadonlyMap<string, DraftTable>, rows: CatalogueRows): void {
  const seen = new Set<string>()
  for (const row of rows.foreignKeys ?? []) {
    const table = tables.get(row.relation)
    const referenced = tables.get(row.referenced)
    if (!table || !referenced) continue
    // PostgreSQL has one for each partition too.
    const key = JSON.stringify([
      table.schema,
      table.name,
      referenced.schema,
      referenced.name,
      { ...row, ...NO_IDS },
    ])
    if (seen.has(key)) continue
    seen.add(key)
    const { columns, referencedColumns } = row
    const onDelete = ACTIONS[row.onDelete] ?? 'nothing'
    const onUpdate = ACTIONS[row.onUpdate] ?? 'nothing'
    const foreignKey = { table, columns, referenced, referencedColumns, onDelete, onUpdate }
    table.foreignKeys.push(foreignKey)
    referenced.referencedBy.push(foreignKey)
  }
}

const NO_IDS = { relation: undefined, referenced: undefined }
