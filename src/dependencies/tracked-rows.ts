/** Somebody's values by the names of what they are: `{ user: '42' }`. */
export type Subject = Readonly<Record<string, string>>

/** Where somebody's rows are told to be: the columns that have such a value, by table. */
export type ToldColumns = Readonly<Record<string, readonly string[]>>

/** Rows of a database that are somebody's. */
export interface RowsOfSubject {
  /** The tables that have such rows, as people name them. */
  readonly tables: readonly string[]
  /** What goes with a change of any of them. */
  readonly tags: readonly string[]
  /** Names, or tables and columns as they were told, that fit nothing in the database. */
  readonly unfit: readonly string[]
  /** All tables of the database. */
  readonly known: readonly string[]
}

/** A database whose statements are followed. */
export interface TrackedRows {
  /** @returns `undefined` while nobody knows its tables. */
  rowsOf(subject: Subject, told: ToldColumns | undefined): RowsOfSubject | undefined
}

/** Whether a table is called as one of a kind may be: `user` by `users`, `User` or `public.users`. */
export function isTableOf(name: string, table: string): boolean {
  const [one, other] = [plain(name), plain(table.slice(table.search(/[^./]*$/)))]
  return [one, `${one}s`, `${one}es`, one.replace(/y$/, 'ies')].includes(other)
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '')
}
