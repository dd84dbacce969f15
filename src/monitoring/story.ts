import { globMatcher } from '../keys/glob.js'
import { matchesPattern, withoutVariant } from '../keys/match-pattern.js'
import type { EventRecord } from './reports.js'

/** What has happened to the entry under a key, as far as events say it. @param tags - That it carries. */
export function storyOf<Event extends EventRecord>(
  events: readonly Event[],
  key: string,
  tags: readonly string[] = [],
): readonly Event[] {
  const carried = new Set(tags.map((tag) => `tag ${tag}`))
  return events.filter(
    (event) =>
      event.key === key ||
      (event.removed !== 0 && event.targets?.some((target) => covers(target, key, carried))) ||
      isOfStore(event),
  )
}

/** Globs look like patterns, and nothing says which it was. */
function covers(target: string, key: string, carried: ReadonlySet<string>): boolean {
  if (target.startsWith('tag ')) return carried.has(target)
  if (target.startsWith('tags ')) {
    const beginning = target.slice('tags '.length).replace(/…$/, '')
    return [...carried].some((tag) => tag.startsWith(`tag ${beginning}`))
  }
  return matchesPattern(target, key) || (target.includes('*') && isGlobFor(target, withoutVariant(key)))
}

function isGlobFor(glob: string, key: string): boolean {
  try {
    return globMatcher(glob)(key)
  } catch {
    return false
  }
}

/** While the store was away nothing was answered from it, whatever the key. */
function isOfStore({ type }: EventRecord): boolean {
  return type === 'store-down' || type === 'store-up'
}
