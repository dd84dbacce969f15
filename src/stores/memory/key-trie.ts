import { globMatcher } from '../../keys/glob.js'
import { SEGMENT_SEPARATOR, VARIANT_SEPARATOR, withoutVariant } from '../../keys/match-pattern.js'
import { wordFinder } from '../../keys/named-words.js'
import type { KeySelector } from '../store.js'

/** Most are leaves with one key: an empty map in each would take as much as all the rest of it. */
interface Node {
  children?: Map<string, Node>
  /** The key that ends here, and its variants. */
  keys?: Set<string>
}

/** Keys by their segments, so that a pattern costs what it matches and not what the trie holds. */
export class KeyTrie {
  readonly #root: Node = {}

  add(key: string): void {
    let node = this.#root
    for (const segment of segmentsOf(key)) {
      node.children ??= new Map()
      let child = node.children.get(segment)
      if (child === undefined) {
        child = {}
        node.children.set(segment, child)
      }
      node = child
    }
    node.keys ??= new Set()
    node.keys.add(key)
  }

  delete(key: string): void {
    let node = this.#root
    const steps: { readonly parent: Node; readonly segment: string; readonly child: Node }[] = []
    for (const segment of segmentsOf(key)) {
      const child = node.children?.get(segment)
      if (child === undefined) return
      steps.push({ parent: node, segment, child })
      node = child
    }
    node.keys?.delete(key)
    for (const { parent, segment, child } of steps.reverse()) {
      if (!isEmpty(child)) return
      parent.children?.delete(segment)
    }
  }

  /** The key, if it is held, and its variants. */
  withVariants(key: string): string[] {
    const variants = key + VARIANT_SEPARATOR
    const candidates = this.#reach(segmentsOf(key)).flatMap(keysOf)
    return candidates.filter((held) => held === key || held.startsWith(variants))
  }

  /** Those held keys for which `matchesPattern` is true. */
  matching(pattern: string): string[] {
    const segments = pattern.split(SEGMENT_SEPARATOR)
    const reached = this.#reach(segments)
    if (segments.at(-1) === '*') return keysUnder(reached)
    return reached.flatMap(keysOf)
  }

  /** Those held keys that begin with a text. */
  startingWith(start: string): string[] {
    const segments = segmentsOf(start)
    const last = segments.pop() ?? ''
    const reached: Node[] = []
    for (const { children } of this.#reach(segments)) {
      for (const [segment, child] of children ?? []) if (segment.startsWith(last)) reached.push(child)
    }
    return keysUnder(reached).filter((key) => key.startsWith(start))
  }

  /** Those held keys that a selector covers. */
  covered(selector: KeySelector): string[] {
    switch (selector.kind) {
      case 'key':
        return this.withVariants(selector.key)
      case 'pattern':
        return this.matching(selector.pattern)
      case 'glob': {
        const covers = globMatcher(selector.glob)
        return this.all().filter((key) => covers(key) || covers(withoutVariant(key)))
      }
      case 'naming':
        return this.all().filter(wordFinder(selector.words))
    }
  }

  all(): string[] {
    return keysUnder([this.#root])
  }

  #reach(segments: readonly string[]): Node[] {
    let level = [this.#root]
    for (const segment of segments) {
      level = level.flatMap(({ children }) =>
        segment === '*' ? [...(children?.values() ?? [])] : (children?.get(segment) ?? []),
      )
    }
    return level
  }
}

function keysUnder(roots: readonly Node[]): string[] {
  const keys: string[] = []
  const open = [...roots]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const key of node.keys ?? []) keys.push(key)
    for (const child of node.children?.values() ?? []) open.push(child)
  }
  return keys
}

function segmentsOf(key: string): string[] {
  return withoutVariant(key).split(SEGMENT_SEPARATOR)
}

function keysOf({ keys }: Node): string[] {
  return [...(keys ?? [])]
}

function isEmpty({ children, keys }: Node): boolean {
  return !children?.size && !keys?.size
}
