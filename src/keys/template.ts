import { CacheError } from '../errors.js'
import { DEFAULT_MARK, type DefaultValue, parseDefault } from './default-value.js'
import { SEGMENT_SEPARATOR } from './match-pattern.js'

/** What a request has before it is answered. `bare`: `{id}`, a path parameter or a bound argument. */
export const REQUEST_SOURCES = [
  'bare',
  'params',
  'query',
  'body',
  'headers',
  'cookies',
  'user',
  'auth',
  'session',
  'locals',
] as const

/** Where a placeholder's value comes from. */
const PLACEHOLDER_SOURCES = [...REQUEST_SOURCES, 'result', 'data', 'args'] as const

export type PlaceholderSource = (typeof PLACEHOLDER_SOURCES)[number]

export interface Placeholder {
  /** As written, with its braces. */
  readonly text: string
  readonly source: PlaceholderSource
  /** The fields to follow from the source: `{user.team.id}` has `['team', 'id']`, and `{user}` none. */
  readonly path: readonly string[]
  /** What stands in for an absent value. */
  readonly fallback: DefaultValue | undefined
}

/** A whole segment that stands for any. */
export const ANY = '*'

export type Part = string | Placeholder
export type Segment = readonly Part[] | typeof ANY

/** A key template or, where a segment is `ANY`, a pattern. Parsed once, at start. */
export interface Template {
  readonly text: string
  readonly segments: readonly Segment[]
  readonly placeholders: readonly Placeholder[]
}

/** Who is signed in, where that is a value of its own and no object. */
const WHOLE_USER = 'user'

/** Characters a literal may have. `%` is missing: only escaping makes it. So are those with a meaning. */
const LITERAL = /^[A-Za-z0-9._~@/+,=$!&;()-]*$/
/** A literal with one of these between two placeholders keeps them apart, as values never contain them. */
const DIVIDER = /[/+,=$!&;()]/
const ONLY_IN_PATTERNS = `Only a pattern to evict may have '*'; a key or a tag names its values, as in 'customer:{id}'.`
const NAME = /^[A-Za-z0-9_$-]+$/

/** @throws CacheError `E_CACHE_TEMPLATE`. */
export function parseTemplate(text: string, where: string): Template {
  return parse(text, where, 'E_CACHE_TEMPLATE')
}

/** A key as a template without placeholders. */
export function keyAsTemplate(key: string): Template {
  return { text: key, segments: key.split(SEGMENT_SEPARATOR).map((segment) => [segment]), placeholders: [] }
}

/** Whether a template has a placeholder of that source. */
export function takesFrom({ placeholders }: Template, source: PlaceholderSource): boolean {
  return placeholders.some((placeholder) => placeholder.source === source)
}

/** What all keys of a template begin with: its text up to the first placeholder. */
export function literalPrefixOf({ text }: Template): string {
  // A literal has no brace.
  const end = text.indexOf('{')
  return end === -1 ? text : text.slice(0, end)
}

/** A tag is a template as a key is. @throws CacheError `E_CACHE_TEMPLATE`. */
export function parseTag(text: string, where: string): Template {
  return parse(text, where, 'E_CACHE_TEMPLATE', 'tag')
}

/** Like a template, but a whole segment may be `*`. @throws CacheError `E_CACHE_PATTERN`. */
export function parsePattern(text: string, where: string): Template {
  return parse(text, where, 'E_CACHE_PATTERN')
}

function parse(
  text: string,
  where: string,
  code: 'E_CACHE_TEMPLATE' | 'E_CACHE_PATTERN',
  what = code === 'E_CACHE_PATTERN' ? 'pattern' : 'key template',
): Template {
  const fail = (problem: string, mend: string): never => {
    throw new CacheError(code, { where, problem: `the ${what} ${quote(text)} ${problem}`, mend })
  }
  if (typeof text !== 'string') return fail(`is no text`, `Give one, such as 'customer:{id}'.`)
  if (text.length === 0) return fail('is empty', `Give a text such as 'customer:{id}'.`)

  const segments = splitOutsideBraces(text).map((segment): Segment => {
    if (segment === '')
      fail('has an empty segment', `Write one text between two colons, as in 'customer:{id}'.`)
    if (segment === ANY) {
      if (code === 'E_CACHE_PATTERN') return ANY
      fail(`has '*' in it`, ONLY_IN_PATTERNS)
    }
    return parseSegment(segment)
  })
  return { text, segments, placeholders: segments.flatMap(placeholdersOf) }

  function parseSegment(segment: string): readonly Part[] {
    const parts: Part[] = []
    // Beside placeholders it could be taken for what they give.
    if (segment.startsWith(DEFAULT_MARK) && LITERAL.test(segment.replaceAll(DEFAULT_MARK, '')))
      return [segment]
    for (const piece of segment.split(/(\{[^{}]*\})/)) {
      if (piece === '') continue
      if (piece.startsWith('{') && piece.endsWith('}')) parts.push(parsePlaceholder(piece))
      else parts.push(checkLiteral(piece))
    }
    parts.forEach((part, index) => {
      if (typeof part === 'string' || index === 0) return
      const before = parts[index - 1]
      const isFirst = parts.slice(0, index).every((earlier) => typeof earlier === 'string')
      if (!isFirst && !(typeof before === 'string' && DIVIDER.test(before))) {
        fail(
          `has two placeholders in the segment ${quote(segment)} that nothing keeps apart`,
          `Divide them by a colon, or by one of / + , = $ ! & ; ( ).`,
        )
      }
    })
    return parts
  }

  function checkLiteral(piece: string): string {
    if (LITERAL.test(piece)) return piece
    if (piece.includes('*')) {
      return fail(
        `has '*' beside other text in one segment`,
        code === 'E_CACHE_PATTERN'
          ? `'*' stands for whole segments only: write 'user:*', or 'user:{id}' for one.`
          : ONLY_IN_PATTERNS,
      )
    }
    if (/[{}]/.test(piece)) {
      return fail('has a brace without its other half', `Write a placeholder as '{name}'.`)
    }
    const wrong = [...piece].find((character) => !LITERAL.test(character))
    return fail(
      `contains ${quote(wrong ?? piece)}`,
      `Use letters, digits and . _ ~ @ / + , = $ ! & ; ( ) - for the fixed part, and ':' between segments.`,
    )
  }

  function parsePlaceholder(piece: string): Placeholder {
    const inner = piece.slice(1, -1)
    const bar = inner.indexOf('|')
    const name = bar === -1 ? inner : inner.slice(0, bar)
    const fields = name.split('.')
    if (!fields.every((field) => NAME.test(field))) {
      return fail(`has the placeholder ${quote(piece)}`, `Write '{id}', '{query.page}' or '{query.page|1}'.`)
    }
    const fallback = bar === -1 ? undefined : parseDefault(inner.slice(bar + 1))
    if (bar !== -1 && !fallback) {
      return fail(
        `has an empty default in ${quote(piece)}`,
        `Give one, as in '{query.author|all}' or '{query.page|=1}', or leave out '|'.`,
      )
    }
    const [first, ...path] = fields as [string, ...string[]]
    if (path.length === 0 && first === WHOLE_USER) return { text: piece, source: 'user', path, fallback }
    if (path.length === 0) return { text: piece, source: 'bare', path: [first], fallback }
    const source = PLACEHOLDER_SOURCES.find((known) => known === first && known !== 'bare')
    if (!source) {
      return fail(
        `takes ${quote(piece)} from ${quote(first)}, which is no source`,
        `Use params, query, headers, cookies, body, user, auth, session or locals (in what evicts also result, on events data, on methods of services args), or '{${path.at(-1)}}' for a path parameter.`,
      )
    }
    // Node gives header names in lower case.
    return { text: piece, source, path: source === 'headers' ? path.map(lower) : path, fallback }
  }
}

/** A default may contain a colon (`{query.from|00:00}`), so braces protect it. */
function splitOutsideBraces(text: string): string[] {
  const segments = ['']
  let depth = 0
  for (const character of text) {
    if (character === '{') depth++
    if (character === '}') depth--
    if (character === SEGMENT_SEPARATOR && depth <= 0) segments.push('')
    else segments[segments.length - 1] += character
  }
  return segments
}

function placeholdersOf(segment: Segment): Placeholder[] {
  return segment === ANY ? [] : segment.filter((part) => typeof part !== 'string')
}

function lower(text: string): string {
  return text.toLowerCase()
}

function quote(value: unknown): string {
  return `'${String(value)}'`
}
