import { literalPrefixOfGlob, literalPrefixOfPattern } from '../../keys/glob.js'
import { VARIANT_SEPARATOR } from '../../keys/match-pattern.js'
import { groupOfSelector } from '../group-of-selector.js'
import type { Selector } from '../store.js'
import { globToLua, patternToLua } from './lua-pattern.js'

/** A selector as scripts read it. */
export interface ScriptSelector {
  /** `key` is a key with its variants, `variants` are those alone. */
  readonly kind: 'key' | 'variants' | 'pattern' | 'glob'
  /** The key, or what all covered keys begin with. */
  readonly start: string
  /** See `lua-pattern.ts`. */
  readonly pieces: readonly (string | Buffer)[]
}

/** What names one key alone needs no search. */
export function scriptSelector(selector: Selector): ScriptSelector {
  switch (selector.kind) {
    case 'key':
      return { kind: 'key', start: selector.key, pieces: [] }
    case 'pattern': {
      const { text: start, whole } = literalPrefixOfPattern(selector.pattern)
      if (whole && !start.includes(VARIANT_SEPARATOR)) return { kind: 'key', start, pieces: [] }
      return { kind: 'pattern', start, pieces: patternToLua(selector.pattern) }
    }
    case 'glob': {
      const { text: start, whole } = literalPrefixOfGlob(selector.glob)
      if (whole) return { kind: 'key', start, pieces: [] }
      return { kind: 'glob', start, pieces: globToLua(selector.glob) }
    }
  }
}

/** The groups whose fences fall with an eviction; null if those may be any. */
export function fallingGroups(selectors: readonly Selector[]): readonly string[] | null {
  const groups = selectors.map(groupOfSelector)
  return groups.includes(null) ? null : [...new Set(groups as string[])]
}

/** How the scripts are told of them: their number, then their names; -1 for all. */
export function fallingArguments(groups: readonly string[] | null): readonly (string | number)[] {
  return groups === null ? [-1] : [groups.length, ...groups]
}
