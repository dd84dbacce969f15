import { AsyncLocalStorage } from 'node:async_hooks'
import type { LoadTags } from '../dependencies/load-tags.js'

/** A call of the client that is under way. */
interface Operation {
  readonly of: Operations
  readonly load: LoadTags | undefined
  /** Calls of one batch run as one statement, in the context of whichever came first. */
  readonly batch: string | undefined
  readonly outer: Operation | undefined
}

/** One for all trackers: Node looks after each that was ever used, at every promise. */
const RUNNING = new AsyncLocalStorage<Operation>()

/** Prisma may make one statement of several of these. */
const BATCHED = new Set(['findUnique', 'findUniqueOrThrow'])

/** The calls of one client that are under way: they say which loads a statement is for. */
export class Operations {
  readonly #underWay = new Set<Operation>()
  #isUsed = false

  /** Whether there was one: the client has the extension. */
  get isUsed(): boolean {
    return this.#isUsed
  }

  run<Result>(
    load: LoadTags | undefined,
    model: string | undefined,
    action: string,
    call: () => Promise<Result>,
  ): Promise<Result> {
    this.#isUsed = true
    const batch = model !== undefined && BATCHED.has(action) ? model : undefined
    const operation: Operation = { of: this, load, batch, outer: RUNNING.getStore() }
    this.#underWay.add(operation)
    // Prisma's promises do nothing before somebody waits for them, which has to be within.
    return RUNNING.run(operation, () =>
      call().then(
        (result) => {
          this.#underWay.delete(operation)
          return result
        },
        (error: unknown) => {
          this.#underWay.delete(operation)
          throw error
        },
      ),
    )
  }

  /** The loads that the statement which is sent now may be for; `undefined` if it is of no call. */
  loadsOfStatement(): readonly LoadTags[] | undefined {
    let operation = RUNNING.getStore()
    while (operation && operation.of !== this) operation = operation.outer
    if (!operation) return undefined
    const { batch } = operation
    if (batch === undefined) return operation.load ? [operation.load] : []
    return this.#loadsOf((other) => other.batch === batch)
  }

  /** The loads of all calls that are under way. */
  allLoads(): readonly LoadTags[] {
    return this.#loadsOf(() => true)
  }

  #loadsOf(matches: (operation: Operation) => boolean): readonly LoadTags[] {
    const loads = new Set<LoadTags>()
    for (const operation of this.#underWay)
      if (operation.load && matches(operation)) loads.add(operation.load)
    return [...loads]
  }
}
