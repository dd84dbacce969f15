import type { CacheParts } from '../cache-parts.js'
import { VARIANT_SEPARATOR } from '../keys/match-pattern.js'
import { refusalOfKey, refusalOfTag } from '../keys/raw-key.js'
import type { Selector } from '../stores/store.js'
import type { PreviewAnswer, Removal } from './dashboard-api.js'
import { browse, requirePattern, selectionOf } from './keys.js'
import { badInput, Refusal } from './refusal.js'

const SHOWN = 100
/** So many are counted; with more, whoever removes them is told that there are more. */
const MOST_COUNTED = 1_000

/** What somebody wants to remove. @throws Refusal */
export function removalIn({ kind, key, pattern, tag }: Readonly<Record<string, unknown>>): Removal {
  if (kind === 'key') {
    const refusal = refusalOfKey(key)
    if (typeof key === 'string' && refusal === undefined) return { kind, key }
    throw badInput(`the key ${refusal ?? 'is no text'}`, `Give one such as 'customer:42'.`)
  }
  if (kind === 'pattern') {
    if (typeof pattern !== 'string' || pattern === '') {
      throw badInput('the pattern is no text', `Give one such as 'customers:list:*'.`)
    }
    requirePattern(pattern)
    const refusal = refusalOfKey(pattern)
    if (refusal === undefined) return { kind, pattern }
    throw badInput(`the pattern ${refusal}`, `Give one such as 'customers:list:*'.`)
  }
  if (kind === 'tag') {
    const refusal = refusalOfTag(tag)
    if (typeof tag === 'string' && refusal === undefined) return { kind, tag }
    throw badInput(`the tag ${refusal ?? 'is no text'}`, `Give one such as 'author:7'.`)
  }
  throw badInput('nothing says what to remove', `Give a kind: 'key', 'pattern' or 'tag'.`)
}

/** What an eviction of it would remove now. It removes nothing. @throws Refusal */
export async function preview(removal: Removal, parts: CacheParts): Promise<PreviewAnswer> {
  const { keys, more } =
    removal.kind === 'tag' ? await carrying(removal.tag, parts) : await covered(removal, parts)
  return { count: keys.length, keys: keys.slice(0, SHOWN), more }
}

/** Removes it, as any eviction is: acknowledged, and no load that began before it stores after it. */
export async function remove(removal: Removal, { engine }: CacheParts): Promise<{ removed: number }> {
  const removed = await engine.evict([selectorOf(removal)], null, 'the dashboard')
  return { removed }
}

function selectorOf(removal: Removal): Selector {
  if (removal.kind === 'pattern' && !removal.pattern.split(':').includes('*')) {
    return { kind: 'key', key: removal.pattern }
  }
  return removal
}

interface Counted {
  readonly keys: readonly string[]
  readonly more: boolean
}

async function carrying(tag: string, { engine }: CacheParts): Promise<Counted> {
  const found = await engine.tagged([tag], MOST_COUNTED + 1)
  if (!found) throw new Refusal(503, 'the store does not answer', 'Try again once it does.')
  const keys = found.map(({ key }) => key).sort()
  return { keys: keys.slice(0, MOST_COUNTED), more: keys.length > MOST_COUNTED }
}

async function covered(removal: Exclude<Removal, { kind: 'tag' }>, parts: CacheParts): Promise<Counted> {
  const text = removal.kind === 'key' ? removal.key : removal.pattern
  const isPattern = text.split(':').includes('*')
  const selection = isPattern
    ? selectionOf(text)
    : { prefix: text, covers: (key: string) => key === text || key.startsWith(text + VARIANT_SEPARATOR) }
  const { entries, next } = await browse(parts, selection, '', MOST_COUNTED)
  return { keys: entries.map(({ key }) => key), more: next !== null }
}
