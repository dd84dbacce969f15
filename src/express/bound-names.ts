import type { PlaceholderSource } from '../keys/template.js'

/** A value of a request that a framework binds under a name. */
export interface BoundName {
  readonly name: string
  /** The framework's kind of it. */
  readonly kind: string
  /** By which a key can name it for sure. */
  readonly source: PlaceholderSource | undefined
}

/** In the order in which an error lists them. */
const SOURCES: readonly PlaceholderSource[] = ['params', 'query', 'headers', 'cookies', 'body']

/** The names under which a request has values of several kinds, each with the placeholders that tell them apart. */
export function ambiguousNames(bound: readonly BoundName[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, readonly string[]>()
  for (const { name } of bound) {
    const same = bound.filter((other) => other.name === name)
    if (new Set(same.map(({ kind }) => kind)).size < 2) continue
    const sources = SOURCES.filter((source) => same.some((other) => other.source === source))
    names.set(
      name,
      sources.map((source) => `{${source}.${name}}`),
    )
  }
  return names
}
