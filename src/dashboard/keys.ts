import type { CacheParts } from '../cache-parts.js'
import { unpacked } from '../http/at-rest.js'
import { decodeRepresentation } from '../http/stored-bytes.js'
import { literalPrefixOfPattern } from '../keys/glob.js'
import { matchesPattern, SEGMENT_SEPARATOR, withoutVariant } from '../keys/match-pattern.js'
import { canMeet } from '../keys/overlap.js'
import { keyAsTemplate, parsePattern, type Template } from '../keys/template.js'
import { entryReport } from '../monitoring/entry-report.js'
import { ask } from '../monitoring/gathering.js'
import { mergeEvents } from '../monitoring/merge-reports.js'
import { isStoryAnswer } from '../monitoring/questions.js'
import type { EntryReport, RuleReport } from '../monitoring/reports.js'
import type { BrowsedEntry } from '../stores/browsing.js'
import type { KeyAnswer, KeysAnswer } from './dashboard-api.js'
import type { Look } from './looking.js'
import { badInput, Refusal } from './refusal.js'

const MOST_ENTRIES = 200
const ENTRIES = 50
/** A pattern may cover few of many keys that begin alike: so many pages are looked at for one answer. */
const MOST_PAGES = 20
/** More of a value is no page for people. */
const MOST_VALUE_BYTES = 65_536
const TEXT = /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml)\b|application\/javascript\b)/i

/** What somebody wants to see: keys that begin like this, of which a test says which are meant. */
export interface KeySelection {
  readonly prefix: string
  readonly covers: (key: string) => boolean
}

/**
 * A pattern as people write it: without a star, what keys begin with.
 *
 * @throws Refusal
 */
export function selectionOf(pattern: string): KeySelection {
  if (!pattern.includes('*')) return { prefix: pattern, covers: () => true }
  const beginning = pattern.slice(0, -1)
  if (pattern.endsWith('*') && !beginning.includes('*') && !beginning.endsWith(SEGMENT_SEPARATOR)) {
    return { prefix: beginning, covers: () => true }
  }
  requirePattern(pattern)
  const { text } = literalPrefixOfPattern(pattern)
  return { prefix: text, covers: (key) => matchesPattern(pattern, key) }
}

/** @throws Refusal where a star stands beside other text. */
export function requirePattern(pattern: string): void {
  const segments = pattern.split(SEGMENT_SEPARATOR)
  if (segments.every((segment) => segment === '*' || (segment !== '' && !segment.includes('*')))) return
  throw badInput(`'${pattern}' is no pattern`, `'*' stands for whole segments: write 'customers:list:*'.`)
}

/** Keys with what is known of their entries, a page at a time. @throws Refusal */
export async function keysOf(query: URLSearchParams, look: Look, parts: CacheParts): Promise<KeysAnswer> {
  const limit = limitIn(query.get('limit'))
  const selection = selectionOf(query.get('pattern') ?? '')
  const { entries, next } = await browse(parts, selection, query.get('after') ?? '', limit)
  const ruleOf = ruleFinder(look)
  return { entries: entries.map((entry) => entryReport(entry, ruleOf(entry.key))), next }
}

/** @throws Refusal where the store does not answer. */
export async function browse(
  { engine }: Pick<CacheParts, 'engine'>,
  { prefix, covers }: KeySelection,
  after: string,
  limit: number,
): Promise<{ entries: readonly BrowsedEntry[]; next: string | null }> {
  const entries: BrowsedEntry[] = []
  let next: string | null = after
  for (let page = 0; page < MOST_PAGES && next !== null && entries.length < limit; page += 1) {
    const found: Awaited<ReturnType<typeof engine.browse>> = await engine.browse({
      ...{ prefix, after: next, limit: limit - entries.length },
    })
    if (!found) throw new Refusal(503, 'the store does not answer', 'Try again once it does.')
    entries.push(...found.entries.filter(({ key }) => covers(key)))
    next = found.next
  }
  return { entries, next }
}

/** One key: its entry, its value if that may be shown, and what has happened to it. @throws Refusal */
export async function keyOf(
  query: URLSearchParams,
  look: Look,
  parts: CacheParts,
  showsValues: boolean,
): Promise<KeyAnswer> {
  const key = query.get('key')
  if (!key) throw badInput('the key is missing', 'Ask for api/key?key=customer:42.')
  const { entries } = await browse(parts, { prefix: key, covers: (one) => one === key }, '', 1)
  const [found] = entries
  const entry = found ? entryReport(found, ruleFinder(look)(key)) : null
  const [story, value] = await Promise.all([
    storyFor(key, entry, parts),
    entry && showsValues ? valueUnder(key, parts) : null,
  ])
  return { entry, value, valueHidden: !showsValues, story }
}

async function storyFor(
  key: string,
  entry: EntryReport | null,
  parts: CacheParts,
): Promise<KeyAnswer['story']> {
  const answers = await ask(parts, { kind: 'story', key, tags: entry?.tags ?? [] }, isStoryAnswer)
  return mergeEvents(answers)
}

/** As it would be sent; `null` for what is no text. */
async function valueUnder(key: string, { engine, options }: CacheParts): Promise<string | null> {
  const found = await engine.peek(key)
  const decoded = found && decodeRepresentation(found.value)
  const plain = decoded && (await unpacked(decoded, options.maxBodyBytes))
  if (!plain || !TEXT.test(String(plain.headers['content-type']))) return null
  const text = plain.body.subarray(0, MOST_VALUE_BYTES).toString()
  return plain.body.length > MOST_VALUE_BYTES ? `${text}…` : text
}

/** @throws Refusal */
function limitIn(text: string | null): number {
  if (text === null || text === '') return ENTRIES
  const limit = Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ENTRIES) return limit
  throw badInput(`the limit '${text}' is none`, `Give a whole number from 1 to ${MOST_ENTRIES}.`)
}

/** The rule that answers from a key, in whichever process. */
function ruleFinder({ reports }: Look): (key: string) => RuleReport | undefined {
  const rules = reports
    .flatMap((report) => report.rules)
    .map((rule) => ({ rule, template: templateOf(rule) }))
  return (key) => {
    const entry = keyAsTemplate(withoutVariant(key))
    return rules.find(({ template }) => template && canMeet(template, entry))?.rule
  }
}

/** None for a function, which stands where nobody has said which keys it gives. */
function templateOf({ key }: RuleReport): Template | undefined {
  try {
    return parsePattern(key, 'the dashboard')
  } catch {
    return undefined
  }
}
