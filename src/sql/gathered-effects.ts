import type { Effects, TableRead, TableWrite } from './statement.js'

/** The effects of a statement while it is read. */
export class GatheredEffects implements Effects {
  readonly reads: TableRead[] = []
  readonly writes: TableWrite[] = []
  readonly undeclared: string[] = []
  readsUnknown = false
  writesUnknown = false
  changesPath = false
  readonly #uses = new Map<number, number>()
  /** Asked for with each run of a statement, whose text is read once. */
  #looseParams: ReadonlySet<number> | undefined

  /** What a view or a policy reads is what the statement reads. */
  add({ reads, writes, readsUnknown, writesUnknown, undeclared }: Effects): void {
    this.reads.push(...reads)
    this.writes.push(...writes)
    this.undeclared.push(...undeclared)
    this.readsUnknown ||= readsUnknown
    this.writesUnknown ||= writesUnknown
  }

  /** @param isCompared - With a column of a known type, so that it has that type. */
  noteParam(param: number, isCompared: boolean): void {
    this.#looseParams = undefined
    this.#uses.set(param, (this.#uses.get(param) ?? 0) + (isCompared ? -1 : 1))
  }

  /** Each use was counted once as such, and once more as a comparison if it is one. A single use needs no second look. */
  get looseParams(): ReadonlySet<number> {
    this.#looseParams ??= new Set([...this.#uses].flatMap(([param, balance]) => (balance > 0 ? [param] : [])))
    return this.#looseParams
  }
}
