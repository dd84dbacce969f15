import { WrittenTags } from '../../tracking/written-tags.js'
import type { FollowedTables } from '../followed-tables.js'
import { LoggedRelation } from './logged-relation.js'
import { MessageReader } from './message-reader.js'

/** A transaction that has been committed. */
export interface Committed {
  /** The lower 32 bits of its number. */
  readonly xid: number
  readonly written: WrittenTags
  readonly changesSchema: boolean
  /** Of its commit in the log: all that was committed before ends here at the latest. */
  readonly commitAt: bigint
  readonly endsAt: bigint
  /** By PostgreSQL's clock, in epoch milliseconds. */
  readonly committedAt: number
}

/** What an event trigger writes into the log, so that a migration is seen at once. */
export const MESSAGE_PREFIX = 'express-cacheable'

const TAG = {
  begin: 0x42,
  commit: 0x43,
  relation: 0x52,
  insert: 0x49,
  update: 0x55,
  delete: 0x44,
  truncate: 0x54,
  message: 0x4d,
} as const
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1)
const KEY = 0x4b
const OLD = 0x4f

interface Draft {
  readonly xid: number
  readonly written: WrittenTags
  changesSchema: boolean
}

/**
 * Reads the messages of `pgoutput`, version 1 of its protocol, and keeps of each transaction the tags of its rows: neither
 * values nor a row.
 */
export class LogReader {
  readonly #tables: FollowedTables
  readonly #relations = new Map<number, LoggedRelation>()
  #draft: Draft | null = null

  constructor(tables: FollowedTables) {
    this.#tables = tables
  }

  /** Whether a transaction has been read in part. */
  get isWithin(): boolean {
    return this.#draft !== null
  }

  /**
   * @returns The transaction that the message ends.
   * @throws RangeError for what is no such message.
   */
  read(message: Buffer): Committed | null {
    const reader = new MessageReader(message)
    switch (reader.byte()) {
      case TAG.begin:
        reader.skip(16)
        this.#draft = { xid: reader.uint32(), written: new WrittenTags(), changesSchema: false }
        return null
      case TAG.commit:
        return this.#commit(reader)
      case TAG.relation:
        this.#describe(reader)
        return null
      case TAG.insert:
        this.#row(reader, (relation) => {
          reader.skip(1)
          return [relation.row(reader)]
        })
        return null
      case TAG.update:
        this.#row(reader, (relation) => rowsOfUpdate(relation, reader))
        return null
      case TAG.delete:
        this.#row(reader, (relation) => [reader.byte() === OLD ? relation.row(reader) : relation.key(reader)])
        return null
      case TAG.truncate:
        this.#truncate(reader)
        return null
      case TAG.message:
        this.#message(reader)
        return null
      default:
        // The names of types, and where a transaction was replicated from.
        return null
    }
  }

  #commit(reader: MessageReader): Committed {
    reader.skip(1)
    const draft = this.#open
    this.#draft = null
    return {
      ...draft,
      ...{ commitAt: reader.uint64(), endsAt: reader.uint64() },
      committedAt: POSTGRES_EPOCH_MS + Number(reader.uint64() / 1_000n),
    }
  }

  #describe(reader: MessageReader): void {
    const id = reader.uint32()
    const relation = new LoggedRelation(reader)
    const known = this.#relations.get(id)
    this.#relations.set(id, relation)
    const found = relation.tableIn(this.#tables)
    if (found.kind === 'ignored') return
    const isSame = known
      ? known.description === relation.description
      : found.kind === 'known' &&
        !relation.differsFrom(this.#tables.columnsOf(relation.schema, relation.name))
    if (isSame) return
    this.#open.changesSchema = true
    this.#open.written.addTable(found.kind === 'known' ? found.table.name : found.name)
  }

  /** @param read - The rows that it was and is, read behind the relation's id. */
  #row(
    reader: MessageReader,
    read: (relation: LoggedRelation) => readonly ReturnType<LoggedRelation['row']>[],
  ): void {
    const relation = this.#relation(reader.uint32())
    const { written } = this.#open
    const found = relation.tableIn(this.#tables)
    if (found.kind === 'new') written.addTable(found.name)
    if (found.kind !== 'known' || written.isWhole(found.table.name)) return
    for (const row of read(relation)) written.addRow(found.table, row)
  }

  #truncate(reader: MessageReader): void {
    const count = reader.int32()
    reader.skip(1)
    for (let nth = 0; nth < count; nth += 1) {
      const found = this.#relation(reader.uint32()).tableIn(this.#tables)
      if (found.kind !== 'ignored') {
        this.#open.written.addTable(found.kind === 'known' ? found.table.name : found.name)
      }
    }
  }

  /** Another program's is none of ours, and one outside of a transaction is not yet committed. */
  #message(reader: MessageReader): void {
    const isTransactional = (reader.byte() & 1) === 1
    reader.skip(8)
    if (isTransactional && reader.string() === MESSAGE_PREFIX) this.#open.changesSchema = true
  }

  get #open(): Draft {
    if (this.#draft) return this.#draft
    throw new RangeError('a message of PostgreSQL stands outside of a transaction')
  }

  #relation(id: number): LoggedRelation {
    const relation = this.#relations.get(id)
    if (relation) return relation
    throw new RangeError('PostgreSQL has not described a table that it tells of')
  }
}

/** The row as it was, as far as the log says, and as it is. */
function rowsOfUpdate(relation: LoggedRelation, reader: MessageReader) {
  const first = reader.byte()
  if (first !== KEY && first !== OLD) {
    const row = relation.row(reader)
    // What identifies it has not changed.
    return [relation.keyOf(row), row]
  }
  const before = first === OLD ? relation.row(reader) : relation.key(reader)
  reader.skip(1)
  return [before, relation.row(reader, before)]
}
