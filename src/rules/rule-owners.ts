import { CacheError } from '../errors.js'
import type { RequestDeclaration } from './declaration.js'
import type { CacheableRule, PutRule, Rule } from './rule.js'

/** Evicting for another as well is too much, which is safe. */
type AnswerRule = CacheableRule | PutRule

interface Claim {
  readonly rule: AnswerRule
  readonly owner: object
}

/**
 * Sees to it that what is declared once answers for one object only. Methods that subclasses inherit, or that several
 * instances have, share their declaration and so its key, while their answers differ.
 */
export class RuleOwners {
  readonly #claims = new WeakMap<RequestDeclaration, Claim[]>()

  /**
   * @param owner - The instance whose method the rule stands on; its class, where the framework makes the instances.
   * @throws CacheError `E_CACHE_KEY_OVERLAP` if another owner has the declaration under the same key.
   */
  claim(rule: Rule, declaration: RequestDeclaration, owner: object): void {
    if (rule.kind === 'evict') return
    const claims = this.#claims.get(declaration) ?? []
    const other = claims.find((claim) => claim.owner !== owner && claim.rule.key === rule.key)
    if (other) throw sharedDeclaration(rule, other.rule)
    this.#claims.set(declaration, [...claims, { rule, owner }])
  }
}

function sharedDeclaration(rule: AnswerRule, other: AnswerRule): CacheError {
  const [className, method] = rule.where.split('.')
  const isOneClass = rule.where === other.where
  return new CacheError('E_CACHE_KEY_OVERLAP', {
    where: rule.where,
    problem: `the key '${rule.key}' is declared once for ${isOneClass ? `two instances of ${className}` : `${other.where} and ${rule.where}`}, so each would answer with the other's entries`,
    mend: isOneClass
      ? `Pass one instance to cache.handlers() and mount its ${method} wherever it is wanted; instances that answer differently need classes of their own, each with @CacheConfig({ keyPrefix }).`
      : `Give each class a prefix of its own, such as @CacheConfig({ keyPrefix: '${className?.toLowerCase()}:' }).`,
  })
}
