import type { Column, Columns } from '../../sql/relation.js'
import { canonicalText } from '../../tracking/canonical-text.js'
import type { Image } from '../../tracking/values.js'
import type { FollowedTable, FollowedTables } from '../followed-tables.js'
import type { MessageReader } from './message-reader.js'

interface LoggedColumn {
  readonly name: string
  /** Whether it identifies a row that is updated or deleted. */
  readonly isKey: boolean
  /** In the table's groups; undefined for one that is in none. */
  readonly column: Column | undefined
}

/** How a value stands in a row (PostgreSQL, "Logical Replication Message Formats", TupleData). */
const NULL = 0x6e
const UNCHANGED = 0x75

/** A table, or a part of one, as the log describes it ahead of its rows. */
export class LoggedRelation {
  readonly schema: string
  readonly name: string
  /** All that the log says of it, for comparison. */
  readonly description: string
  readonly #columns: readonly { readonly name: string; readonly isKey: boolean }[]
  #version = -1
  #table: FollowedTable = { kind: 'ignored' }
  #looked: readonly LoggedColumn[] = []

  /** @param reader - Behind the relation's id. */
  constructor(reader: MessageReader) {
    this.schema = reader.string() || 'pg_catalog'
    this.name = reader.string()
    const identity = reader.byte()
    const columns = Array.from({ length: reader.int16() }, () => ({
      isKey: (reader.byte() & 1) === 1,
      name: reader.string(),
      type: [reader.uint32(), reader.int32()].join(),
    }))
    this.#columns = columns
    this.description = JSON.stringify([this.schema, this.name, identity, columns])
  }

  /** The table as the catalogue has it now. */
  tableIn(tables: FollowedTables): FollowedTable {
    if (this.#version === tables.version) return this.#table
    this.#version = tables.version
    this.#table = tables.find(this.schema, this.name)
    const shapes = this.#table.kind === 'known' ? this.#table.table.shapes : []
    const looked = new Map(shapes.flatMap(({ columns }) => columns.map((column) => [column.name, column])))
    this.#looked = this.#columns.map(({ name, isKey }) => ({ name, isKey, column: looked.get(name) }))
    return this.#table
  }

  /** Whether the catalogue has other columns than the log, which need not have those that are generated. */
  differsFrom(columns: Columns): boolean {
    const logged = new Set(this.#columns.map(({ name }) => name))
    const isLacking = [...columns.values()].some(({ name, isGenerated }) => !isGenerated && !logged.has(name))
    return isLacking || this.#columns.some(({ name }) => !columns.has(name))
  }

  /** A row's values as far as it has them. Of `unchanged`, those that stand there in the log's stead. */
  row(reader: MessageReader, unchanged?: Image): Image {
    return this.#read(reader, unchanged, false)
  }

  /** What identifies a row: in place of all other values there is nothing that means anything. */
  key(reader: MessageReader): Image {
    return this.#read(reader, undefined, true)
  }

  /** Of a row those values that identify it. */
  keyOf(row: Image): Image {
    const image = new Map<string, readonly string[]>()
    for (const { name, isKey } of this.#looked) {
      const texts = isKey ? row.get(name) : undefined
      if (texts) image.set(name, texts)
    }
    return image
  }

  #read(reader: MessageReader, unchanged: Image | undefined, isKeyAlone: boolean): Image {
    const image = new Map<string, readonly string[]>()
    const count = reader.int16()
    for (let place = 0; place < count; place += 1) {
      const looked = this.#looked[place]
      const isWanted = looked?.column && (looked.isKey || !isKeyAlone)
      const kind = reader.byte()
      if (kind === UNCHANGED) {
        const texts = isWanted ? unchanged?.get(looked.name) : undefined
        if (looked && texts) image.set(looked.name, texts)
        continue
      }
      const bytes = kind === NULL ? 0 : reader.int32()
      if (!isWanted || !looked?.column) {
        reader.skip(bytes)
        continue
      }
      const value = kind === NULL ? null : reader.text(bytes)
      const text = canonicalText(value, looked.column)
      if (text !== undefined) image.set(looked.name, [text])
    }
    return image
  }
}
