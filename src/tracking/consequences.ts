import type { ForeignKey, KeyAction, RowEvent, Table } from '../sql/relation.js'
import { plainName } from '../sql/relation.js'
import type { TableWrite } from '../sql/statement.js'
import { undeclaredTriggers } from '../sql/undeclared.js'
import { NULL_TEXT } from './canonical-text.js'
import { changedColumns, changesUpdated, type RowChange } from './row-changes.js'
import type { Image } from './values.js'

/** The tables that the triggers of each table write, by its plain name. */
export type DeclaredTriggers = ReadonlyMap<string, readonly Table[]>

/** More changes of rows than this, and each table takes any. */
const MOST_CHANGES = 500

const ANYTHING: Image = new Map()
const ALL_EVENTS: readonly RowEvent[] = ['insert', 'update', 'delete', 'truncate']

/** What a write does by itself, and what foreign keys and triggers do after it. */
export class Consequences {
  readonly #triggers: DeclaredTriggers
  readonly #changes = new Map<string, RowChange>()
  readonly #queue: RowChange[] = []
  readonly #anyRows = new Set<Table>()
  readonly #undeclared = new Set<string>()

  constructor(triggers: DeclaredTriggers) {
    this.#triggers = triggers
  }

  /** @param rows - What it did to rows of its table. Its triggers run even if that is nothing. */
  add(write: TableWrite, rows: readonly RowChange[]): void {
    for (const event of eventsOf(write)) this.#runTriggers(write.table, event)
    for (const row of rows) this.#add(row)
    for (let change = this.#queue.shift(); change; change = this.#queue.shift()) this.#follow(change)
  }

  /** All that happened to rows, each thing once. */
  get changes(): Iterable<RowChange> {
    return this.#changes.values()
  }

  /** Triggers of which nobody has said what they write; then anything may have been written. */
  get undeclared(): ReadonlySet<string> {
    return this.#undeclared
  }

  #add(change: RowChange): void {
    const { table } = change
    if (this.#anyRows.has(table) && change.kind !== 'truncate') return
    const isBounded = change.kind === 'any' || this.#changes.size < MOST_CHANGES
    const added: RowChange = isBounded ? change : { table, kind: 'any' }
    const key = keyOf(added)
    if (this.#changes.has(key)) return
    this.#changes.set(key, added)
    if (added.kind === 'any') this.#anyRows.add(table)
    this.#queue.push(added)
  }

  #follow(change: RowChange): void {
    const { table } = change
    if (change.kind === 'any') for (const event of ALL_EVENTS) this.#runTriggers(table, event)
    for (const key of table.referencedBy) this.#act(key, change)
  }

  #act(key: ForeignKey, change: RowChange): void {
    switch (change.kind) {
      case 'insert':
        break
      case 'truncate':
        if (change.isCascading) this.#changeChild({ table: key.table, kind: 'truncate', isCascading: true })
        break
      case 'any':
        if (key.onDelete !== 'nothing' || key.onUpdate !== 'nothing')
          this.#add({ table: key.table, kind: 'any' })
        break
      case 'delete':
        this.#actOn(key, key.onDelete, change.before, undefined)
        break
      case 'update': {
        const isChanged = key.referencedColumns.some((column) => change.changed.has(column))
        if (isChanged) this.#actOn(key, key.onUpdate, change.before, change.after)
        // Older versions of PostgreSQL take a row that goes to another partition for one that is deleted.
        if (change.table.isPartitioned) this.#actOn(key, key.onDelete, change.before, undefined)
      }
    }
  }

  /** @param after - Of the row that is referenced; undefined if it is gone. */
  #actOn(key: ForeignKey, action: KeyAction, before: Image, after: Image | undefined): void {
    if (action === 'nothing') return
    const { table, columns } = key
    const child = throughKey(key, before)
    if (action === 'cascade' && after === undefined) {
      this.#changeChild({ table, kind: 'delete', before: child })
      return
    }
    this.#changeChild({
      table,
      kind: 'update',
      before: child,
      after: changesUpdated(table) ? ANYTHING : afterAction(key, action, after),
      changed: changedColumns(table, columns),
    })
  }

  #changeChild(change: RowChange): void {
    this.#add(change)
    if (change.kind !== 'any') this.#runTriggers(change.table, change.kind)
  }

  #runTriggers(table: Table, event: RowEvent): void {
    // A row that goes to another partition is deleted from one and inserted into the other.
    const isMove = event === 'update' && table.isPartitioned
    if (!table.triggers.some(({ events }) => isMove || events.has(event))) return
    const name = plainName(table)
    const written = this.#triggers.get(name)
    if (!written) this.#undeclared.add(undeclaredTriggers(name))
    for (const each of written ?? []) this.#add({ table: each, kind: 'any' })
  }
}

function eventsOf(write: TableWrite): readonly RowEvent[] {
  if (write.kind === 'any') return ALL_EVENTS
  return write.kind === 'insert' && write.insert.update ? ['insert', 'update'] : [write.kind]
}

/** The columns of a foreign key, as the row that they reference has them. */
function throughKey({ table, columns, referenced, referencedColumns }: ForeignKey, parent: Image): Image {
  const image = new Map<string, readonly string[]>()
  for (const [place, column] of columns.entries()) {
    const referencedColumn = referencedColumns[place] ?? ''
    const texts = parent.get(referencedColumn)
    const isAlike = table.columns.get(column)?.family === referenced.columns.get(referencedColumn)?.family
    if (texts && isAlike) image.set(column, texts)
  }
  return image
}

function afterAction(key: ForeignKey, action: KeyAction, after: Image | undefined): Image {
  if (action === 'cascade' && after) return throughKey(key, after)
  const [column, ...others] = key.columns
  // Of several columns, PostgreSQL may set some only.
  return action === 'set null' && column !== undefined && others.length === 0
    ? new Map([[column, [NULL_TEXT]]])
    : ANYTHING
}

function keyOf(change: RowChange): string {
  const { table, ...rest } = change
  return JSON.stringify([table.schema, table.name, rest], (_, value) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  )
}
