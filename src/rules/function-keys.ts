import { CacheError } from '../errors.js'
import { SEGMENT_SEPARATOR } from '../keys/match-pattern.js'
import { canBeginWith, canMeet } from '../keys/overlap.js'
import { keyAsTemplate } from '../keys/template.js'
import type { KeyFunction } from './key-function.js'
import type { CacheableRule } from './rule.js'

/**
 * Keeps the keys of functions that say nothing of them apart from those of other rules: the first key of a function tells
 * its first part, which from then on is the function's own.
 */
export class FunctionKeys {
  readonly #firstOf = new Map<KeyFunction, string>()

  /** Rules have come, which may have keys that begin the same. */
  forget(): void {
    this.#firstOf.clear()
  }

  /**
   * @param others - All rules that answer reads.
   * @throws CacheError `E_CACHE_KEY_OVERLAP` for a key that another rule's could be; `E_CACHE_OPTION` where keys of a
   *   function begin with different parts, of which nobody can say what others have.
   */
  claim(rule: CacheableRule, key: string, others: readonly CacheableRule[]): void {
    const { functionKey } = rule
    if (!functionKey || functionKey.isDeclared) return
    const first = beginningOf(key, functionKey.prefix)
    const known = this.#firstOf.get(functionKey.function)
    if (known === first) return
    if (known !== undefined) throw differentBeginnings(rule)
    const owner = others.find((other) => couldBegin(other, first)) ?? this.#ownerOf(first, others)
    if (owner) throw takenBeginning(rule, owner, first)
    this.#firstOf.set(functionKey.function, first)
  }

  #ownerOf(first: string, rules: readonly CacheableRule[]): CacheableRule | undefined {
    const [owner] = [...this.#firstOf].find(([, claimed]) => claimed === first) ?? []
    return rules.find(({ functionKey }) => functionKey?.function === owner && owner !== undefined)
  }
}

/** The prefix of the class and the first part. */
function beginningOf(key: string, prefix: string): string {
  const end = key.indexOf(SEGMENT_SEPARATOR, prefix.length)
  return end === -1 ? key : key.slice(0, end)
}

function couldBegin({ template }: CacheableRule, first: string): boolean {
  if (template.segments.length === 0) return false
  return canMeet(template, keyAsTemplate(first)) || canBeginWith(template, first + SEGMENT_SEPARATOR)
}

function takenBeginning(rule: CacheableRule, other: CacheableRule, first: string): CacheError {
  return new CacheError('E_CACHE_KEY_OVERLAP', {
    where: rule.where,
    problem: `the function of its key gave one that begins with '${first}', as the key '${other.key}' of ${other.where} can`,
    mend: `Let its keys begin with a part of their own, or say which they are: { keys: '${first}:by-function:*' }.`,
  })
}

function differentBeginnings(rule: CacheableRule): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where: rule.where,
    problem:
      'the function of its key gave keys that begin with different parts, so nobody can say whether another rule has the same',
    mend: `Let them begin with one fixed part, such as 'feed', or say which they are: { keys: 'feed:*' }.`,
  })
}
