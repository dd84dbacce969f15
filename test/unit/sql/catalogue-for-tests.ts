import type { CatalogueRows, ColumnRow, IndexRow, RelationRow } from '#src/sql/catalogue-query.js'

/** Columns by their types: `serial` has a default, an upper-case type is an enum of that name. */
type Columns = Readonly<Record<string, string>>

interface TableForTests {
  readonly columns: Columns
  readonly schema?: string
  readonly parent?: string
  /** Of columns; the first one is the primary key. */
  readonly indexes?: readonly (readonly string[])[]
}

export interface DatabaseForTests {
  readonly tables: Readonly<Record<string, TableForTests>>
  readonly views?: Readonly<Record<string, string>>
  readonly more?: Partial<CatalogueRows>
}

/** What the catalogue of such a database gives. Ids are names. */
export function rowsFor({ tables, views = {}, more = {} }: DatabaseForTests): CatalogueRows {
  return {
    path: ['public'],
    relations: [
      ...Object.entries(tables).map(([name, table]) => relationRow(name, table)),
      ...Object.entries(views).map(([name, definition]) => viewRow(name, definition)),
    ],
    indexes: Object.entries(tables).flatMap(([name, { indexes = [] }]) =>
      indexes.map((columns, place): IndexRow => {
        const isPrimary = place === 0
        return { relation: name, isPrimary, isUnique: isPrimary, columns }
      }),
    ),
    foreignKeys: null,
    triggers: null,
    functions: null,
    operators: null,
    policies: null,
    ...more,
  }
}

function relationRow(name: string, { columns, schema = 'public', parent }: TableForTests): RelationRow {
  return {
    id: name,
    schema,
    name,
    kind: 'r',
    definition: null,
    parents: parent === undefined ? null : [parent],
    columns: Object.entries(columns).map(([column, type]) => columnRow(column, type)),
  }
}

function viewRow(name: string, definition: string): RelationRow {
  return { id: name, schema: 'public', name, kind: 'v', definition, parents: null, columns: [] }
}

function columnRow(name: string, type: string): ColumnRow {
  const isEnum = /^[A-Z]/.test(type)
  const [base = type] = type.split('!')
  return {
    name,
    type: base === 'serial' ? 'int4' : base,
    typeSchema: isEnum ? 'public' : 'pg_catalog',
    isEnum,
    isExact: true,
    isLimited: base === 'varchar',
    hasDefault: base === 'serial',
    isGenerated: type.endsWith('!'),
  }
}
