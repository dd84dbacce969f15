import type { CacheError } from '../errors.js'
import { withoutVariant } from '../keys/match-pattern.js'
import { canMeet } from '../keys/overlap.js'
import { keyAsTemplate, type Template } from '../keys/template.js'
import { FunctionKeys } from './function-keys.js'
import { declarationOf } from './resolve-rule.js'
import { type CacheableRule, type Rule, templatesOf } from './rule.js'
import { RuleOwners } from './rule-owners.js'
import { mistakesOf, verifyRules } from './verify-rules.js'

/** Keeps the rules of one cache. The only place that does. */
export class RuleRegistry {
  readonly #rules: Rule[] = []
  readonly #externalTemplates: readonly Template[]
  readonly #owners = new RuleOwners()
  readonly #functionKeys = new FunctionKeys()
  #isVerified = false

  /** @param externalTemplates - Keys that others write, so that patterns may reach them. */
  constructor(externalTemplates: readonly Template[]) {
    this.#externalTemplates = externalTemplates
  }

  /**
   * @param owner - Whose method the rule stands on, if it stands on one.
   * @throws CacheError, see `RuleOwners.claim`.
   */
  add(rule: Rule, owner?: object): void {
    const declaration = declarationOf(rule)
    if (declaration && owner) this.#owners.claim(rule, declaration, owner)
    this.#rules.push(rule)
    this.#functionKeys.forget()
    this.#isVerified = false
  }

  list(): readonly Rule[] {
    return this.#rules
  }

  /** Of all keys and tags that are known, and of what evicts them. */
  templates(): readonly Template[] {
    return [...this.#rules.flatMap(templatesOf), ...this.#externalTemplates]
  }

  /**
   * How long an entry that is fresh for `ttlMs` is to be kept: freshness is told from what remains, so the grace
   * of a rule that answers from the key comes on top.
   */
  lifetimeMs(key: string, ttlMs: number): number {
    const entry = keyAsTemplate(key)
    const graces = this.#rules.map((rule) =>
      rule.kind === 'cacheable' && rule.graceMs > 0 && canMeet(rule.template, entry) ? rule.graceMs : 0,
    )
    return ttlMs + Math.max(0, ...graces)
  }

  /** Whether an answer of a status may have been stored under a key: by default only 200 is. */
  stores(key: string, status: number): boolean {
    if (status === 200) return true
    const entry = keyAsTemplate(withoutVariant(key))
    return this.#rules.some(
      (rule) => rule.kind === 'cacheable' && rule.statuses.has(status) && canMeet(rule.template, entry),
    )
  }

  /** The rule that answers from a key, if there is one. */
  readerOf(key: string): CacheableRule | undefined {
    const entry = keyAsTemplate(withoutVariant(key))
    return this.#rules.find(
      (rule): rule is CacheableRule => rule.kind === 'cacheable' && canMeet(rule.template, entry),
    )
  }

  /** A rule that gives the entries of a key tags, if there is one. */
  givesTags(key: string): Rule | undefined {
    const entry = keyAsTemplate(withoutVariant(key))
    return this.#rules.find(
      (rule) => rule.kind === 'cacheable' && rule.tags.length > 0 && canMeet(rule.template, entry),
    )
  }

  /** Keeps a key that a function has given apart from those of other rules. @throws CacheError, see `FunctionKeys.claim`. */
  claimKey(rule: CacheableRule, key: string): void {
    if (!rule.functionKey || rule.functionKey.isDeclared) return
    const reads = this.#rules.filter((other) => other.kind === 'cacheable')
    this.#functionKeys.claim(rule, key, reads)
  }

  /** Checks the rules against each other, once for each set of rules. @throws CacheError, see `verifyRules`. */
  verify(): void {
    if (this.#isVerified) return
    verifyRules(this.#rules, this.#externalTemplates)
    this.#isVerified = true
  }
  /** All that `verify` would throw, and not the first alone. */
  mistakes(): readonly CacheError[] {
    return [...mistakesOf(this.#rules, this.#externalTemplates)]
  }
}
