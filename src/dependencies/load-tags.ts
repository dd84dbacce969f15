import { AsyncLocalStorage } from 'node:async_hooks'
import { ALL_TABLES, tagsOfTable, tagsOfTableRead } from './table-tags.js'

/** More would make each step of the store's with an entry a long one. */
export const MOST_TAGS = 500

/** More groups of rows of one table make an entry depend on the table. */
const MOST_GROUPS = 20

/** What a load has read of a table so far; `all`: of too many groups to tell them apart. */
type Groups = Set<string> | 'all'

/** The tags that a load has been given so far. What it is part of carries them too. */
export class LoadTags {
  readonly #tags = new Set<string>()
  readonly #outer: LoadTags | undefined
  #groups: Map<string, Groups> | undefined
  #isUnknown = false

  constructor(outer?: LoadTags) {
    this.#outer = outer
  }

  add(tags: readonly string[]): void {
    for (const tag of tags) this.#tags.add(tag)
    this.#outer?.add(tags)
  }

  /**
   * Gives it the tags of a group of rows that it has read, and those of the whole table where its groups become many.
   *
   * @param table - Its name in tags; empty where no table is known.
   */
  addGroup(table: string, tags: readonly string[]): void {
    this.#groups ??= new Map()
    let known = this.#groups.get(table)
    if (known === undefined) {
      known = new Set()
      this.#groups.set(table, known)
      this.add(table === '' ? [ALL_TABLES] : tagsOfTable(table))
    }
    if (known === 'all') return
    // The first is of this group alone.
    known.add(tags[0] ?? '')
    const isMany = known.size > MOST_GROUPS
    this.add(isMany ? tagsOfTableRead(table) : tags)
    if (isMany) this.#groups.set(table, 'all')
  }

  /** It depends on what no tag can say, so it must not be stored. */
  noteUnknown(): void {
    this.#isUnknown = true
    this.#outer?.noteUnknown()
  }

  get isUnknown(): boolean {
    return this.#isUnknown
  }

  list(): readonly string[] {
    return [...this.#tags]
  }
}

/** A load that is under way, within others, of the same cache or of another. */
interface RunningLoad {
  readonly of: RunningLoads
  readonly tags: LoadTags
  readonly outer: RunningLoad | undefined
}

/** One for all caches: Node looks after each that was ever used, at every promise. */
const RUNNING = new AsyncLocalStorage<RunningLoad>()

/** The loads of one cache that are under way, each with all that runs within it. */
export class RunningLoads {
  /** The tags of the innermost load that the caller runs in; none if it runs in no load. */
  get current(): LoadTags | undefined {
    let load = RUNNING.getStore()
    while (load && load.of !== this) load = load.outer
    return load?.tags
  }

  /** Runs what loads, and waits for it within: Prisma's promises do nothing before somebody does. */
  settle<Result>(tags: LoadTags, load: () => Result | PromiseLike<Result>): Promise<Result> {
    return this.run(tags, async () => await load())
  }

  /** Runs what loads. */
  run<Result>(tags: LoadTags, load: () => Result): Result {
    return RUNNING.run({ of: this, tags, outer: RUNNING.getStore() }, load)
  }
}
