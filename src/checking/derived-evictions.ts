import type { Engine } from '../engine/engine.js'
import type { Intent } from '../engine/intents.js'
import type { Dependencies } from '../rules/declaration.js'
import type { WriteRule } from '../rules/rule.js'
import { nameOf } from '../rules/rule-routes.js'
import type { Selector, TaggedEntry } from '../stores/store.js'
import {
  type ForgottenContext,
  type ForgottenEviction,
  ForgottenEvictions,
  NO_RULE,
} from './forgotten-evictions.js'
import type { KnownValue } from './suggested-pattern.js'
import { type DeclaredEviction, type UnneededEviction, UnneededEvictions } from './unneeded-evictions.js'
import { WritesInNoRule } from './writes-in-no-rule.js'
import { WritesUnderWay, WriteUnderWay } from './writes-under-way.js'

/** What carried a written tag before a commit, and so was made from what was there before. */
export type Suspects = readonly TaggedEntry[]

/** So many entries are looked at for a commit. */
const MOST_SUSPECTS = 1_000

export interface DerivedContext extends ForgottenContext {
  readonly engine: Engine
  /** Of the cache. */
  readonly dependencies: Dependencies
  /** Whether the store is told ahead of a commit what it will evict. */
  readonly isCrashSafe: boolean
}

/** What is known, and what the store was told, right ahead of a commit. */
export interface PreparedCommit {
  /** `null` where nothing is to be checked. */
  readonly suspects: Suspects | null
  readonly intent: Intent | null
}

/** Who evicts where no rule for writing is known, as where nothing is checked. */
const COMMIT = 'a commit'

const UNPREPARED: PreparedCommit = { suspects: null, intent: null }

/** What a write in a rule has come to. */
export interface EndOfWrite {
  /** What its rules evict by patterns. */
  readonly declared: readonly DeclaredEviction[]
  readonly known: readonly KnownValue[]
  readonly hasFailed: boolean
  /** Whether nothing is to be expected of its handler any more. */
  readonly isOver: boolean
}

/**
 * What follows from commits that a tracker tells of: evictions of what was made from the written rows; or, to check what
 * rules declare, a look at what they have left.
 *
 * What is to be checked is told from what was stored later by a look ahead of the commit: whatever is found then is made
 * from what was there before. What is the same at the end of the write, nothing has evicted.
 */
export class DerivedEvictions {
  readonly #context: DerivedContext
  readonly #writes = new WritesUnderWay()
  readonly #forgotten: ForgottenEvictions
  readonly #unneeded = new UnneededEvictions()
  readonly #inNoRule: WritesInNoRule
  #isTracked = false

  constructor(context: DerivedContext) {
    this.#context = context
    this.#forgotten = new ForgottenEvictions(context)
    this.#inNoRule = new WritesInNoRule({
      stillThere: (entries) => this.#stillThere(entries),
      forgotten: (entry) => this.#forgotten.note(entry, NO_RULE),
    })
    context.engine.onEvicted((selectors) => this.#inNoRule.evicted(selectors))
  }

  /** Whether what a tracker tells of goes without being declared. */
  get evictsByItself(): boolean {
    return this.#isTracked && this.#context.dependencies === 'evict'
  }

  /** A tracker is going to tell of commits. Until one does, writes are not followed, and cost nothing. */
  track(): void {
    this.#isTracked = true
  }

  /** Whether commits of now are to be prepared. */
  get preparesCommits(): boolean {
    return this.#dependencies === 'check' || this.#context.isCrashSafe
  }

  /** Called right ahead of a commit with the tags that it writes, or more. Never rejects. */
  async prepare(tags: readonly string[]): Promise<PreparedCommit> {
    if (tags.length === 0) return UNPREPARED
    const { engine } = this.#context
    if (this.#dependencies === 'check') {
      return { suspects: await engine.tagged(tags, MOST_SUSPECTS), intent: null }
    }
    return { suspects: null, intent: await engine.intend(selectorsOf(tags)) }
  }

  /** Called after a commit, and before whoever made it goes on. Never rejects. */
  async committed(tags: readonly string[], { suspects, intent } = UNPREPARED): Promise<void> {
    if (this.#dependencies === 'evict') {
      const by = this.#writes.current?.name ?? COMMIT
      await this.#context.engine.evict(selectorsOf(tags), intent, by)
      return
    }
    const carrying = suspects && (await this.#carrying(suspects, tags))
    const write = this.#writes.current
    if (write) write.committed(carrying ?? [])
    else if (carrying && carrying.length > 0) await this.#inNoRule.committed(carrying)
  }

  /** Called where nothing was committed. */
  abandoned({ intent }: PreparedCommit): void {
    // Nobody waits for it: who reads meanwhile is only not stored.
    if (intent) void this.#context.engine.settle(intent)
  }

  /** The write of these rules, if what it commits makes a difference. */
  begin(rules: readonly WriteRule[]): WriteUnderWay | undefined {
    const [first] = rules
    if (!this.#isTracked || !first) return undefined
    const dependencies = declaredBy(rules) ?? this.#context.dependencies
    const isLikeAll = dependencies === this.#dependencies && dependencies === 'evict'
    return isLikeAll ? undefined : new WriteUnderWay(this.#writes, nameOf(first), dependencies)
  }

  /** Runs what the write does. */
  run<Result>(write: WriteUnderWay | undefined, handler: () => Result): Result {
    return write ? this.#writes.run(write, handler) : handler()
  }

  /** Called once all that is declared has been evicted, and before the answer leaves. Never rejects. */
  async settle(write: WriteUnderWay | undefined, end: EndOfWrite): Promise<void> {
    if (!write) return
    write.isOver ||= end.isOver
    const suspects = write.takeSuspects()
    if (!suspects) return
    if (!end.hasFailed) this.#unneeded.note(end.declared, suspects)
    const left = await this.#stillThere(suspects)
    // The write around it may evict them yet.
    if (write.outer && !write.outer.isOver) {
      write.outer.committed(left)
      return
    }
    for (const entry of left) this.#forgotten.note(entry, { ...end, name: write.name })
  }

  /** What has been forgotten so far; that of writes in no rule from their commit on, until something removes it. */
  forgotten(): readonly ForgottenEviction[] {
    const waiting = this.#inNoRule.list().map((entry) => this.#forgotten.describe(entry, null))
    return [...this.#forgotten.list(), ...waiting]
  }

  /** Drops what is known of entries that are named. */
  forget(isNamed: (text: string) => boolean): void {
    this.#forgotten.forget(isNamed)
  }

  unneeded(): readonly UnneededEviction[] {
    return this.#unneeded.list()
  }

  close(): void {
    this.#inNoRule.close()
  }

  /** Of the write that the caller runs in. */
  get #dependencies(): Dependencies {
    return this.#writes.current?.dependencies ?? this.#context.dependencies
  }

  /**
   * Those of them that carry what was written indeed. Ahead of it less is known, and what is then said of all values of a
   * column is said of one afterwards, by another tag: so they are asked for anew.
   */
  async #carrying(suspects: Suspects, tags: readonly string[]): Promise<Suspects> {
    if (suspects.length === 0 || tags.length === 0) return []
    const before = new Set(suspects.map(idOf))
    const now = (await this.#context.engine.tagged(tags, MOST_SUSPECTS)) ?? []
    return now.filter((entry) => before.has(idOf(entry)))
  }

  async #stillThere(entries: readonly TaggedEntry[]): Promise<readonly TaggedEntry[]> {
    const tags = [...new Set(entries.flatMap((entry) => entry.tags))]
    if (tags.length === 0) return []
    // Nobody knows without an answer, and nothing is served until what is pending has been evicted.
    const now = (await this.#context.engine.tagged(tags, MOST_SUSPECTS)) ?? []
    const identities = new Map(now.map(({ key, identity }) => [key, identity]))
    return entries.filter(({ key, identity }) => identities.get(key) === identity)
  }
}

function selectorsOf(tags: readonly string[]): Selector[] {
  return [...new Set(tags)].map((tag) => ({ kind: 'tag', tag }))
}

/** Of one entry; what is stored later under its key has another. */
function idOf({ key, identity }: TaggedEntry): string {
  return JSON.stringify([key, identity])
}

/** To evict what need not be is safe, so that is what wins. */
function declaredBy(rules: readonly WriteRule[]): Dependencies | undefined {
  const declared = rules.flatMap(({ dependencies }) => dependencies ?? [])
  return declared.includes('evict') ? 'evict' : declared[0]
}
