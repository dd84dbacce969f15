import { SEGMENT_SEPARATOR } from './match-pattern.js'
import { ANY, type Segment, type Template } from './template.js'

/** A character that a value has in a key without being escaped, which is all that literals can have as well. */
const VALUE_CHARACTER = /^[A-Za-z0-9._~@-]$/

/** One character of a literal; or, without one, a character of a value, which `repeats` any number of times. */
interface Step {
  readonly character?: string
  readonly repeats?: boolean
}

/**
 * Says whether some request could make both templates give a key that the other covers. Either may be a
 * pattern. A value may be any text, so `{id}` meets `me`, and `a{x}` meets `{y}b` in `ab`.
 *
 * @example
 * canMeet(parseTemplate('user:{id}', ''), parseTemplate('user:me', '')) // true
 */
export function canMeet(one: Template, other: Template): boolean {
  const a = one.segments
  const b = other.segments
  const areApart = a.some((segment, index) => {
    const counterpart = b[index]
    return counterpart !== undefined && !segmentsCanMeet(segment, counterpart)
  })
  if (areApart) return false
  if (a.length === b.length) return true
  const shorter = a.length < b.length ? a : b
  return shorter.at(-1) === ANY
}

/**
 * Says whether some request could make a template give a key that begins with a text.
 *
 * @example
 * canBeginWith(parseTemplate('{query.tenant}:{id}', ''), 'crm:') // true
 */
export function canBeginWith(template: Template, text: string): boolean {
  const steps = template.segments.flatMap((segment, index): Step[] => [
    ...(index === 0 ? [] : [{ character: SEGMENT_SEPARATOR }]),
    ...(segment === ANY ? [{}, { repeats: true }] : stepsOf(segment)),
  ])
  return stepsCanMeet(
    steps,
    [...text].map((character): Step => ({ character })),
    'beginning',
  )
}

/** The template with its placeholders made nameless: templates of one shape give the same keys. */
export function shapeOf(template: Template): string {
  return template.segments
    .map((segment) =>
      segment === ANY ? ANY : segment.map((part) => (typeof part === 'string' ? part : '{}')).join(''),
    )
    .join(':')
}

function segmentsCanMeet(one: Segment, other: Segment): boolean {
  return one === ANY || other === ANY || stepsCanMeet(stepsOf(one), stepsOf(other), 'whole')
}

/**
 * Walks both at once, through every pair of places that one text could have reached.
 *
 * @param extent - Whether the text has to be all of `a`, or only what it begins with. It is all of `b`.
 */
function stepsCanMeet(a: readonly Step[], b: readonly Step[], extent: 'whole' | 'beginning'): boolean {
  const open: [number, number][] = [[0, 0]]
  const seen = new Set<string>()
  for (const [i, j] of open) {
    if (seen.has(`${i} ${j}`)) continue
    seen.add(`${i} ${j}`)
    const [x, y] = [a[i], b[j]]
    if (!y && (!x || extent === 'beginning')) return true
    if (x?.repeats) open.push([i + 1, j])
    if (y?.repeats) open.push([i, j + 1])
    if (x && y && agree(x, y)) open.push([x.repeats ? i : i + 1, y.repeats ? j : j + 1])
  }
  return false
}

/** A value is never empty: one character, then any number. */
function stepsOf(segment: Exclude<Segment, typeof ANY>): Step[] {
  return segment.flatMap((part): Step[] =>
    typeof part === 'string' ? [...part].map((character) => ({ character })) : [{}, { repeats: true }],
  )
}

function agree({ character: a }: Step, { character: b }: Step): boolean {
  if (a !== undefined && b !== undefined) return a === b
  const literal = a ?? b
  return literal === undefined || VALUE_CHARACTER.test(literal)
}
