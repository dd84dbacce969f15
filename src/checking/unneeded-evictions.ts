import { type ResolveValue, renderPatterns } from '../keys/render.js'
import { targetOf } from '../rules/eviction-targets.js'
import type { EvictRule } from '../rules/rule.js'
import { nameOf } from '../rules/rule-routes.js'
import type { Selector, TaggedEntry } from '../stores/store.js'
import { covers } from './covers.js'

/** A declared pattern that has never removed an entry which was made from what the write had changed. */
export interface UnneededEviction {
  /** The route or method. */
  readonly write: string
  readonly pattern: string
  /** How many writes were looked at. */
  readonly writes: number
}

/** What one pattern of a rule comes to in one write. */
export interface DeclaredEviction {
  readonly write: string
  readonly pattern: string
  readonly targets: readonly Selector[]
}

/** What rules evict by keys, given the values of one write. Whether a tag was needed, entries found by others do not say. */
export function declaredEvictions(
  rules: readonly EvictRule[],
  resolveValue: ResolveValue,
): readonly DeclaredEviction[] {
  return rules.flatMap((rule) =>
    rule.patterns.map((pattern) => ({
      ...{ write: nameOf(rule), pattern: pattern.text },
      targets: renderPatterns(pattern, resolveValue).map(targetOf),
    })),
  )
}

/** Counts what declared patterns were good for. */
export class UnneededEvictions {
  readonly #accounts = new Map<string, { write: string; pattern: string; writes: number; needed: number }>()

  /** @param suspects - What carried a written tag before the write was committed. */
  note(declared: readonly DeclaredEviction[], suspects: readonly TaggedEntry[]): void {
    for (const { write, pattern, targets } of declared) {
      const account = this.#accountOf(write, pattern)
      account.writes += 1
      if (suspects.some((suspect) => targets.some((target) => covers(target, suspect)))) account.needed += 1
    }
  }

  list(): readonly UnneededEviction[] {
    return [...this.#accounts.values()]
      .filter(({ needed }) => needed === 0)
      .map(({ write, pattern, writes }) => ({ write, pattern, writes }))
  }

  #accountOf(write: string, pattern: string) {
    const id = JSON.stringify([write, pattern])
    const account = this.#accounts.get(id) ?? { write, pattern, writes: 0, needed: 0 }
    this.#accounts.set(id, account)
    return account
  }
}
