import { matchesPattern, withoutVariant } from '../keys/match-pattern.js'
import type { Selector, Store } from '../stores/store.js'
import { entriesOf } from './entries.js'
import { counted } from './format.js'
import type { KeyFilter } from './selection.js'
import type { Terminal } from './terminal.js'

/** What an eviction would remove. */
export interface Preview {
  /** The first of them. */
  readonly keys: readonly string[]
  readonly count: number
  /** Whether there are more than were counted. */
  readonly isMore: boolean
}

/** So many are counted, lest a look takes long. */
const COUNTED = 100_000
const LISTED = 100
/** Of a tag in one go. */
const TAGGED = 1_000

/** What an eviction would remove now, counted up to a bound. */
export async function previewOf(
  store: Store,
  selectors: readonly Selector[],
  terminal: Pick<Terminal, 'progress' | 'clearProgress'>,
): Promise<Preview> {
  const keys = new Set<string>()
  let isMore = false
  for (const selector of selectors) {
    const found = await keysOf(store, selector, COUNTED - keys.size, (looked) =>
      terminal.progress(`Looked at ${counted(looked, 'key')} …`),
    )
    for (const key of found.keys) keys.add(key)
    isMore ||= found.isMore
  }
  terminal.clearProgress()
  return { keys: [...keys].sort().slice(0, LISTED), count: keys.size, isMore }
}

async function keysOf(
  store: Store,
  selector: Selector,
  limit: number,
  onProgress: (looked: number) => void,
): Promise<{ readonly keys: readonly string[]; readonly isMore: boolean }> {
  if (selector.kind === 'tag') {
    const most = Math.min(limit, TAGGED)
    const found = await store.tagged([selector.tag], most)
    return { keys: found.map(({ key }) => key), isMore: found.length === most }
  }
  const { entries, isMore } = await entriesOf(store, filterOf(selector), limit, onProgress)
  return { keys: entries.map(({ key }) => key), isMore }
}

function filterOf(selector: Selector): KeyFilter {
  switch (selector.kind) {
    case 'key':
      return { prefix: selector.key, covers: (key) => withoutVariant(key) === selector.key }
    case 'pattern': {
      const { pattern } = selector
      return { prefix: pattern.slice(0, pattern.indexOf('*')), covers: (key) => matchesPattern(pattern, key) }
    }
    default:
      throw new TypeError(`no command selects by ${selector.kind}`)
  }
}
