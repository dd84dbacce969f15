import type { KeySelector } from '../store.js'

const ALL: readonly KeySelector[] = [{ kind: 'glob', glob: '*' }]

export const INVALIDATE_ALL = JSON.stringify(ALL)

/** What a message may have at most: to go through more would keep the process from all else. In characters. */
const LONGEST_MESSAGE = 1_048_576
const MOST_SELECTORS = 10_000
const LONGEST_SELECTOR = 4_096

/** What a store publishes to the processes that hold copies: the selectors of an eviction, as JSON; if huge, everything. */
export function invalidationMessage(selectors: readonly KeySelector[]): string {
  if (!isOfBounds(selectors)) return INVALIDATE_ALL
  const message = JSON.stringify(selectors)
  return message.length > LONGEST_MESSAGE ? INVALIDATE_ALL : message
}

/**
 * What the eviction covered; everything, if the message is unreadable or huge: a later version may have sent it, or
 * somebody who means harm.
 */
export function selectorsInMessage(message: string): readonly KeySelector[] {
  if (message.length > LONGEST_MESSAGE) return ALL
  try {
    const selectors: unknown = JSON.parse(message)
    return Array.isArray(selectors) && selectors.every(isSelector) && isOfBounds(selectors) ? selectors : ALL
  } catch {
    return ALL
  }
}

function isOfBounds(selectors: readonly KeySelector[]): boolean {
  return (
    selectors.length <= MOST_SELECTORS &&
    selectors.every((selector) => textOf(selector).length <= LONGEST_SELECTOR)
  )
}

/** What it says, without what kind it is. */
function textOf(selector: KeySelector): string {
  switch (selector.kind) {
    case 'key':
      return selector.key
    case 'pattern':
      return selector.pattern
    case 'glob':
      return selector.glob
    case 'naming':
      return selector.words.join()
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isSelector(value: unknown): value is KeySelector {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false
  switch (value.kind) {
    case 'key':
      return 'key' in value && typeof value.key === 'string'
    case 'pattern':
      return 'pattern' in value && typeof value.pattern === 'string'
    case 'glob':
      return 'glob' in value && typeof value.glob === 'string'
    case 'naming':
      return 'words' in value && Array.isArray(value.words) && value.words.every(isText)
    default:
      return false
  }
}
