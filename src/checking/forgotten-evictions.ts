import { specificTags, tagInWords } from '../dependencies/specific-tags.js'
import type { CacheEvent } from '../engine/cache-event.js'
import type { RuleRegistry } from '../rules/registry.js'
import { nameOf } from '../rules/rule-routes.js'
import type { TaggedEntry } from '../stores/store.js'
import { type KnownValue, suggestedPattern } from './suggested-pattern.js'

/** An entry that a write has left although it was made from what the write has changed. */
export interface ForgottenEviction {
  /** The route or method that wrote; `null` if it has no rule for writing. */
  readonly write: string | null
  /** What it wrote, and the entry was made from. */
  readonly tags: readonly string[]
  /** Of the entry. */
  readonly key: string
  /** The route or method that the entry belongs to; `null` if no rule has such keys. */
  readonly read: string | null
}

/** A write as the story of what it has forgotten has it. */
export interface ForgetfulWrite {
  readonly name: string | null
  /** Where its rules could take values of a pattern from. */
  readonly known: readonly KnownValue[]
  /** It has evicted nothing, since it has answered with an error. */
  readonly hasFailed: boolean
}

/** Of a write in no rule. */
export const NO_RULE: ForgetfulWrite = { name: null, known: [], hasFailed: false }

/** A suite that forgets more has enough to read. */
const MOST_KEPT = 1_000

export interface ForgottenContext {
  readonly registry: RuleRegistry
  readonly emit: (event: CacheEvent) => void
  /** Logs what looks wrong, once. */
  readonly warn: (warning: string) => void
}

/** Keeps what writes have forgotten, and tells of it: each as an event, and each pair of a write and a read as a warning. */
export class ForgottenEvictions {
  readonly #context: ForgottenContext
  readonly #kept = new Map<string, ForgottenEviction>()
  readonly #told = new Set<string>()

  constructor(context: ForgottenContext) {
    this.#context = context
  }

  list(): readonly ForgottenEviction[] {
    return [...this.#kept.values()]
  }

  forget(isNamed: (text: string) => boolean): void {
    for (const [id, { key, tags }] of this.#kept) if ([key, ...tags].some(isNamed)) this.#kept.delete(id)
  }

  note(entry: TaggedEntry, write: ForgetfulWrite): void {
    const forgotten = this.describe(entry, write.name)
    const id = JSON.stringify([forgotten.write, forgotten.key])
    if (this.#kept.size < MOST_KEPT || this.#kept.has(id)) this.#kept.set(id, forgotten)
    this.#context.emit({ type: 'forgotten', ...forgotten })
    const pair = JSON.stringify([forgotten.write, forgotten.read])
    if (this.#told.has(pair)) return
    this.#told.add(pair)
    this.#context.warn(this.#story(forgotten, write))
  }

  describe({ key, tags }: TaggedEntry, write: string | null): ForgottenEviction {
    const reader = this.#context.registry.readerOf(key)
    return { write, tags: specificTags(tags), key, read: reader ? nameOf(reader) : null }
  }

  #story({ write, tags, key, read }: ForgottenEviction, { known, hasFailed }: ForgetfulWrite): string {
    const writer = write === null ? 'A write outside of any rule' : `\`${write}\``
    const written = tags.map((tag) => `\`${tagInWords(tag)}\``).join(', ')
    const entry = read === null ? `\`${key}\`` : `\`${key}\` of \`${read}\``
    const why = hasFailed ? 'nothing evicts it, as the write answered with an error' : 'nothing evicts it'
    const template = this.#context.registry.readerOf(key)?.template
    const mend = hasFailed
      ? 'answer so only where nothing was written'
      : inWords(template && suggestedPattern(template, key, known), template?.text)
    return `${writer} wrote ${written}; the entry ${entry} was made from it; ${why}: ${mend} or use \`dependencies: 'evict'\``
  }
}

function inWords(pattern: string | undefined, template: string | undefined): string {
  if (pattern !== undefined) return `add \`${pattern}\``
  return template === undefined ? 'evict its key or a tag of it' : `evict what is kept under \`${template}\``
}
