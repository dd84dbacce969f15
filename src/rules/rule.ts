import type { Request } from 'express'
import type { Template } from '../keys/template.js'
import type { PackedRule } from '../stores/dictionaries/rule-dictionary.js'
import type { KeyLimit } from '../stores/store.js'
import type { Dependencies, Visibility } from './declaration.js'
import type { FunctionKey } from './key-function.js'
import type { StandardSchema } from './standard-schema.js'

/** What every rule says of itself. */
interface RuleBase {
  /** Class and method, or the call that made the rule: `CustomerController.getCustomer`. */
  readonly where: string
  readonly condition: ((req: Request) => boolean) | undefined
}

/** An answer is looked up and stored under a key. */
export interface CacheableRule extends RuleBase {
  readonly kind: 'cacheable'
  readonly key: string
  /** Where a function gives the key: the pattern that the rule says its keys are under, or one that meets nothing. */
  readonly template: Template
  readonly functionKey: FunctionKey | undefined
  readonly ttlMs: number
  readonly unless: ((result: unknown, req: Request) => boolean) | undefined
  readonly statuses: ReadonlySet<number>
  readonly mark: string | undefined
  /** Lower-case header names. */
  readonly vary: readonly string[]
  readonly visibility: Visibility
  readonly honorRequestCacheControl: boolean
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly compress: boolean
  /** What is packed with a dictionary; `undefined`: nothing. */
  readonly packedRule: PackedRule | undefined
  readonly refreshAhead: boolean
  /** How long an entry is kept beyond its TTL: the longer of the two. */
  readonly graceMs: number
  readonly maxKeys: number | undefined
  /** As it stands in keys. */
  readonly version: string | undefined
  readonly schema: StandardSchema | undefined
  /** Those of the tables in `reads` among them. */
  readonly tags: readonly Template[]
  /** Tables, as declared. */
  readonly reads: readonly string[]
  /** The same as the store reads it. */
  readonly keyLimit: KeyLimit | undefined
  /** The request methods it answers: those with a body if the key names the body, else GET and HEAD. */
  readonly methods: ReadonlySet<string>
}

/** The answer of a write becomes the entry under a key. */
export interface PutRule extends RuleBase {
  readonly kind: 'put'
  readonly key: string
  readonly template: Template
  readonly ttlMs: number
  readonly unless: ((result: unknown, req: Request) => boolean) | undefined
  readonly crashSafe: boolean | undefined
  readonly tags: readonly Template[]
  readonly reads: readonly string[]
  /** `undefined`: as the cache's own option says. */
  readonly dependencies: Dependencies | undefined
}

/** A successful write removes what its patterns cover, and what carries its tags. */
export interface EvictRule extends RuleBase {
  readonly kind: 'evict'
  readonly patterns: readonly Template[]
  /** Those of the tables in `writes` among them. */
  readonly tags: readonly Template[]
  readonly before: boolean
  /** `undefined`: as the cache's own option says. */
  readonly crashSafe: boolean | undefined
  readonly dependencies: Dependencies | undefined
}

export type WriteRule = PutRule | EvictRule
export type Rule = CacheableRule | WriteRule

/** The templates of a rule: its key, or the patterns it evicts; and tags. */
export function templatesOf(rule: Rule): readonly Template[] {
  return [...(rule.kind === 'evict' ? rule.patterns : [rule.template]), ...rule.tags]
}
