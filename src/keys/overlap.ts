import { ANY, type Segment, type Template } from './template.js'

/** A text that a rendered value could be. */
const VALUE = /^[A-Za-z0-9._~@%-]+$/

/**
 * Says whether some request could make both templates give a key that the other covers. Either may be a
 * pattern. Two placeholders can always meet; a literal meets a placeholder if a value could be that text.
 *
 * @example
 * canMeet(parseTemplate('user:{id}', ''), parseTemplate('user:me', '')) // true
 */
export function canMeet(one: Template, other: Template): boolean {
  const a = one.segments
  const b = other.segments
  const shortest = Math.min(a.length, b.length)
  for (let index = 0; index < shortest; index++) {
    if (!segmentsCanMeet(a[index] as Segment, b[index] as Segment)) return false
  }
  if (a.length === b.length) return true
  const shorter = a.length < b.length ? a : b
  return shorter.at(-1) === ANY
}

/** The template with its placeholders made nameless: templates of one shape give the same keys. */
export function shapeOf(template: Template): string {
  return template.segments
    .map((segment) =>
      segment === ANY ? ANY : segment.map((part) => (typeof part === 'string' ? part : '{}')).join(''),
    )
    .join(':')
}

function segmentsCanMeet(a: Segment, b: Segment): boolean {
  if (a === ANY || b === ANY) return true
  const literalA = literalOf(a)
  const literalB = literalOf(b)
  if (literalA !== undefined && literalB !== undefined) return literalA === literalB
  if (literalA !== undefined) return covers(b, literalA)
  if (literalB !== undefined) return covers(a, literalB)
  return true
}

function literalOf(segment: Exclude<Segment, typeof ANY>): string | undefined {
  return segment.every((part) => typeof part === 'string') ? segment.join('') : undefined
}

/** Whether values exist that make the segment this text. */
function covers(segment: Exclude<Segment, typeof ANY>, text: string): boolean {
  const [first, last] = [segment[0], segment.at(-1)]
  const start = typeof first === 'string' ? first : ''
  const end = typeof last === 'string' ? last : ''
  if (text.length <= start.length + end.length || !text.startsWith(start) || !text.endsWith(end)) return false
  const middle = text.slice(start.length, text.length - end.length)
  return segment.filter((part) => typeof part !== 'string').length > 1 || VALUE.test(middle)
}
