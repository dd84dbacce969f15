import { AsyncLocalStorage } from 'node:async_hooks'

/** More would make each step of the store's with an entry a long one. */
export const MOST_TAGS = 500

/** The tags that a load has been given so far. What it is part of carries them too. */
export class LoadTags {
  readonly #tags = new Set<string>()
  readonly #outer: LoadTags | undefined
  #isUnknown = false

  constructor(outer?: LoadTags) {
    this.#outer = outer
  }

  add(tags: readonly string[]): void {
    for (const tag of tags) this.#tags.add(tag)
    this.#outer?.add(tags)
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
