import { literalPrefixOfGlob, literalPrefixOfPattern } from '../../keys/glob.js'
import { VARIANT_SEPARATOR } from '../../keys/match-pattern.js'
import { lowered } from '../../keys/named-words.js'
import { groupOfSelector } from '../group-of-selector.js'
import type { Selector } from '../store.js'
import { isKeySelector } from '../tag-selectors.js'
import type { ScriptArgument } from './define-script.js'
import { globToLua, patternToLua } from './lua-pattern.js'

/** A selector as scripts read it. */
export interface ScriptSelector {
  /** `key` is a key with its variants, `variants` are those alone; `tags` are all that begin so. */
  readonly kind: 'key' | 'variants' | 'pattern' | 'glob' | 'naming' | 'tag' | 'tags' | 'tags-naming'
  /** The key or the tag, or what all covered keys or tags begin with. */
  readonly start: string
  /** See `lua-pattern.ts`; of what names words, these. */
  readonly pieces: readonly (string | Buffer)[]
}

/** The groups whose fences fall. */
export type FallingFences = readonly string[] | 'all'

export const NO_FENCES: FallingFences = []

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
      // What is no key, such as a name of the bookkeeping, is only looked for among the keys.
      if (whole && !start.includes(VARIANT_SEPARATOR)) return { kind: 'key', start, pieces: [] }
      return { kind: 'glob', start, pieces: globToLua(selector.glob) }
    }
    case 'tag':
      return { kind: 'tag', start: selector.tag, pieces: [] }
    case 'tags':
      return { kind: 'tags', start: selector.prefix, pieces: [] }
    case 'naming':
    case 'tags-naming':
      return { kind: selector.kind, start: '', pieces: selector.words.map(lowered) }
  }
}

export function variantsOf(key: string): ScriptSelector {
  return { kind: 'variants', start: key, pieces: [] }
}

/** The fences that fall with an eviction; those of keys with tags fall where the tags are found. */
export function fallingFences(selectors: readonly Selector[]): FallingFences {
  const groups = new Set<string>()
  for (const selector of selectors.filter(isKeySelector)) {
    const group = groupOfSelector(selector)
    if (group === null) return 'all'
    groups.add(group)
  }
  return [...groups]
}

/** The last arguments of a script that evicts; eviction-arguments.lua reads them. */
export function evictionArguments(
  fences: FallingFences,
  selectors: readonly ScriptSelector[],
): readonly ScriptArgument[] {
  const falling = fences === 'all' ? [-1] : [fences.length, ...fences]
  return [
    ...falling,
    ...selectors.flatMap(({ kind, start, pieces }) => [kind, start, pieces.length, ...pieces]),
  ]
}
