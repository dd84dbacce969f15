import type { Template } from '../keys/template.js'
import type { Rule } from './rule.js'
import { verifyRules } from './verify-rules.js'

/** Keeps the rules of one cache. The only place that does. */
export class RuleRegistry {
  readonly #rules: Rule[] = []
  readonly #externalTemplates: readonly Template[]
  #isVerified = false

  /** @param externalTemplates - Keys that others write, so that patterns may reach them. */
  constructor(externalTemplates: readonly Template[]) {
    this.#externalTemplates = externalTemplates
  }

  add(rule: Rule): void {
    this.#rules.push(rule)
    this.#isVerified = false
  }

  list(): readonly Rule[] {
    return this.#rules
  }

  /** Checks the rules against each other, once for each set of rules. @throws CacheError, see `verifyRules`. */
  verify(): void {
    if (this.#isVerified) return
    verifyRules(this.#rules, this.#externalTemplates)
    this.#isVerified = true
  }
}
