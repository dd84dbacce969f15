import type { Selector } from '../store.js'

/** What a store publishes to the processes that hold copies: the selectors of an eviction, as JSON. */
export function invalidationMessage(selectors: readonly Selector[]): string {
  return JSON.stringify(selectors)
}

const ALL: readonly Selector[] = [{ kind: 'glob', glob: '*' }]

export const INVALIDATE_ALL = invalidationMessage(ALL)

/** What the eviction covered; everything, if the message is unreadable: a later version may have sent it. */
export function selectorsInMessage(message: string): readonly Selector[] {
  try {
    const selectors: unknown = JSON.parse(message)
    return Array.isArray(selectors) && selectors.every(isSelector) ? selectors : ALL
  } catch {
    return ALL
  }
}

function isSelector(value: unknown): value is Selector {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  switch (value.kind) {
    case 'key':
      return 'key' in value && typeof value.key === 'string'
    case 'pattern':
      return 'pattern' in value && typeof value.pattern === 'string'
    case 'glob':
      return 'glob' in value && typeof value.glob === 'string'
    default:
      return false
  }
}
