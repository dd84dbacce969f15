import type { Position } from '../dependencies/followed-database.js'
import type { Query } from '../sql/catalogue.js'
import type { WrittenTags } from '../tracking/written-tags.js'
import type { FollowedTables } from './followed-tables.js'
import type { SetupMistake } from './setup-mistake.js'

/** What has been committed since the batch before, and is visible to whoever begins to read now. */
export interface ChangeBatch {
  readonly written: WrittenTags
  /** Whether tables, or whatever else the catalogue says, are not what they were. */
  readonly changesSchema: boolean
  /** All that was committed up to it is in this batch or in one before. */
  readonly position: Position
  /** When the oldest change in it was committed, by the clock of the database: epoch milliseconds; `null`: none has. */
  readonly committedAt: number | null
}

/** The changes of a database, read by the one process of a group that reads them. */
export interface ChangeStream {
  /** From where on nothing is missed. */
  readonly beginsAt: Position
  /**
   * All that has come since the batch before, as one; waits until there is something, if only a position.
   *
   * @throws What ended the stream.
   */
  next(): Promise<ChangeBatch>
  /**
   * Lets the other processes of the group know that all up to a position has been evicted. Until the first call they take
   * nothing for evicted.
   */
  acknowledge(position: Position): Promise<void>
  /** Lets another process read. Never rejects. */
  close(): Promise<void>
}

/**
 * Where committed changes are read: `log` or `outbox`. It knows no cache; all calls but `close` reject where the database
 * does not answer.
 */
export interface ChangeSource {
  /** As people know the database. */
  readonly name: string
  /** A statement on a connection of its own; by its parameters `$1` and so on. */
  readonly query: Query
  /** What has to be set up before anything can be read, each with what to type. */
  mistakes(): Promise<readonly SetupMistake[]>
  /**
   * Begins to read for all processes of a group.
   *
   * @param group - The same in all of them, and in no others: 16 characters of `0-9a-f`.
   * @param tables - The database's, by which changes become tags.
   * @returns `null` where another process does already.
   */
  open(group: string, tables: FollowedTables): Promise<ChangeStream | null>
  /** Whether a process of the group reads, or is about to. */
  isOpen(group: string): Promise<boolean>
  /** What has been committed by now is not after it. */
  position(): Promise<Position>
  /** Up to where whoever reads for the group has acknowledged. `null`: nobody has begun. */
  acknowledged(group: string): Promise<Position | null>
  /** Whether a position is the other one or before it. */
  isWithin(position: Position, reached: Position): boolean
  /** Ends what is under way. */
  close(): Promise<void>
}
