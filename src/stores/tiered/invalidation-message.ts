import type { Selector } from '../store.js'

/** What is sent to the processes that hold copies: the selectors of an eviction, as JSON. */
export function invalidationMessage(selectors: readonly Selector[]): string {
  return JSON.stringify(selectors)
}

const ALL: readonly Selector[] = [{ kind: 'glob', glob: '*' }]

export const INVALIDATE_ALL = invalidationMessage(ALL)

/** What was evicted; all, if the word cannot be read: it may be of a later version. */
export function selectorsInMessage(word: string): readonly Selector[] {
  try {
    const selectors: unknown = JSON.parse(word)
    return Array.isArray(selectors) && selectors.every(isSelector) ? selectors : ALL
  } catch {
    return ALL
  }
}

function isSelector(value: unknown): value is Selector {
  const { kind } = (value ?? {}) as { readonly kind?: unknown }
  return (
    (kind === 'key' || kind === 'pattern' || kind === 'glob') &&
    typeof (value as Readonly<Record<string, unknown>>)[kind] === 'string'
  )
}
