import { AsyncLocalStorage } from 'node:async_hooks'
import type { Dependencies } from '../rules/declaration.js'
import type { TaggedEntry } from '../stores/store.js'

/** The handler of rules for writing while it runs, and what it has committed so far. */
export class WriteUnderWay {
  readonly of: WritesUnderWay
  /** As people know it. */
  readonly name: string
  readonly dependencies: Dependencies
  /** The write of the same cache that it is a part of. */
  readonly outer: WriteUnderWay | undefined
  /** Once its answer has been given, nobody looks what it has forgotten. */
  isOver = false
  readonly #suspects = new Map<string, TaggedEntry>()
  #hasCommitted = false

  constructor(of: WritesUnderWay, name: string, dependencies: Dependencies) {
    this.of = of
    this.name = name
    this.dependencies = dependencies
    this.outer = of.current
  }

  /** @param suspects - What carried a written tag before the commit. */
  committed(suspects: readonly TaggedEntry[]): void {
    this.#hasCommitted = true
    for (const suspect of suspects) this.#suspects.set(suspect.key, together(this.#suspects, suspect))
  }

  /** What it has committed since this was asked for the last time; undefined, if it has committed nothing. */
  takeSuspects(): readonly TaggedEntry[] | undefined {
    if (!this.#hasCommitted) return undefined
    const suspects = [...this.#suspects.values()]
    this.#suspects.clear()
    this.#hasCommitted = false
    return suspects
  }
}

/** The same entry with the tags of all commits; of two under one key, the later. */
export function together(known: ReadonlyMap<string, TaggedEntry>, entry: TaggedEntry): TaggedEntry {
  const before = known.get(entry.key)
  if (before?.identity !== entry.identity) return entry
  return { ...entry, tags: [...new Set([...before.tags, ...entry.tags])] }
}

/** One for all caches: Node looks after each that was ever used, at every promise. */
const RUNNING = new AsyncLocalStorage<WriteWithin>()

/** A write within others, of the same cache or of another. */
interface WriteWithin {
  readonly write: WriteUnderWay
  readonly around: WriteWithin | undefined
}

/** The writes of one cache that are under way, each with all that runs within it. */
export class WritesUnderWay {
  get current(): WriteUnderWay | undefined {
    let within = RUNNING.getStore()
    while (within && (within.write.of !== this || within.write.isOver)) within = within.around
    return within?.write
  }

  run<Result>(write: WriteUnderWay, handler: () => Result): Result {
    return RUNNING.run({ write, around: RUNNING.getStore() }, handler)
  }
}
