import type { CacheEvictOptions, RequestDeclaration } from './declaration.js'

/** What `@CacheEvict` and `cache.evict` take in the first place: patterns; or options alone, which have tags or tables. */
export type PatternsOrOptions = string | readonly string[] | CacheEvictOptions

/** What is neither goes on as patterns, so that the checks name it. */
export function evictionDeclaration(
  first: PatternsOrOptions,
  options?: CacheEvictOptions,
): RequestDeclaration {
  const isOptions = typeof first === 'object' && first !== null && !isList(first) && options === undefined
  if (isOptions) return { kind: 'evict', patterns: [], options: first }
  return { kind: 'evict', patterns: first as string | readonly string[], options: options ?? {} }
}

function isList(value: object): value is readonly unknown[] {
  return Array.isArray(value)
}
