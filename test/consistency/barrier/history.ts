import { GROUPS, ITEMS, type Item } from './items.js'

/** What is asked: one row, the rows of a group, all. */
export type Question =
  | { readonly kind: 'item'; readonly id: number }
  | { readonly kind: 'group'; readonly id: number }
  | { readonly kind: 'all' }

/** What has been promised by the time that a read begins. */
export interface Promised {
  /** By the id of a row. */
  readonly versions: readonly number[]
  /** The group of a row; `null` while a move of it is not answered. */
  readonly places: readonly (number | null)[]
  /** How often its moves have begun. */
  readonly moves: readonly number[]
}

/**
 * What answers of writes have promised to whoever reads after them: that no row is older, and that rows are where they were
 * moved to. All clients are in one process, so there is one order of answers and questions.
 */
export class History {
  readonly #versions = Array<number>(ITEMS + 1).fill(0)
  readonly #places = Array.from({ length: ITEMS + 1 }, (_, id): number | null => id % GROUPS)
  readonly #moves = Array<number>(ITEMS + 1).fill(0)

  /** A write was answered. */
  answered(rows: readonly Item[]): void {
    for (const { id, version } of rows) this.#versions[id] = Math.max(version, this.#versions[id] as number)
  }

  /** Moves of a row come one after the other: else nobody knows where it is. */
  mayMove(id: number): boolean {
    return this.#places[id] !== null
  }

  /** Of a move that is not answered nobody knows whether it has come to be. */
  moveBegins(id: number): void {
    this.#places[id] = null
    this.#moves[id] = (this.#moves[id] as number) + 1
  }

  moveEnds(id: number, group: number): void {
    this.#places[id] = group
  }

  promised(): Promised {
    return { versions: [...this.#versions], places: [...this.#places], moves: [...this.#moves] }
  }

  /** What is wrong with an answer; `undefined` where nothing is. @param promised - When it was asked. */
  faultOf(question: Question, rows: readonly Item[], promised: Promised): string | undefined {
    const old = rows.find(({ id, version }) => version < (promised.versions[id] as number))
    if (old)
      return `row ${old.id} in version ${old.version}, of which ${promised.versions[old.id]} was answered before`
    const answered = new Set(rows.map(({ id }) => id))
    const missing = this.#expectedIn(question, promised).find((id) => !answered.has(id))
    return missing === undefined ? undefined : `no row ${missing}, which was there before`
  }

  #expectedIn(question: Question, { places, moves }: Promised): number[] {
    if (question.kind === 'item') return [question.id]
    const ids = Array.from({ length: ITEMS }, (_, index) => index + 1)
    if (question.kind === 'all') return ids
    return ids.filter((id) => places[id] === question.id && moves[id] === this.#moves[id])
  }
}
