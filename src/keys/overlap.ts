import { isApart } from './default-value.js'
import { SEGMENT_SEPARATOR } from './match-pattern.js'
import { ANY, type Part, type Segment, type Template } from './template.js'

/** A character that a value has in a key. Literals have no `%`, but a key that is taken for a template does. */
const VALUE_CHARACTER = /^[A-Za-z0-9._~@%-]$/

/** A character of whatever a segment may be, a default among it; and of several segments. */
const OF_SEGMENT = /^[^:]$/
const OF_SEGMENTS = /^.$/s

/**
 * One character; or one out of a class, which `repeats` any number of times; or none, and from there on one of several
 * ways, so many steps further.
 */
interface Step {
  readonly character?: string
  readonly within?: RegExp
  readonly repeats?: boolean
  readonly ways?: readonly number[]
}

const VALUE = oneOrMore(VALUE_CHARACTER)

/**
 * Says whether some request could make both templates give a key that the other covers. Either may be a
 * pattern. A value may be any text, so `{id}` meets `me`, and `a{x}` meets `{y}b` in `ab`. A default is no value, so
 * `{id}` does not meet `|all`, and `{id|all}` does.
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
    ...(segment === ANY ? oneOrMore(isLast(index, template) ? OF_SEGMENTS : OF_SEGMENT) : stepsOf(segment)),
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
    for (const way of x?.ways ?? []) open.push([i + way, j])
    for (const way of y?.ways ?? []) open.push([i, j + way])
    if (x?.ways || y?.ways) continue
    if (x?.repeats) open.push([i + 1, j])
    if (y?.repeats) open.push([i, j + 1])
    if (x && y && agree(x, y)) open.push([x.repeats ? i : i + 1, y.repeats ? j : j + 1])
  }
  return false
}

function stepsOf(segment: Exclude<Segment, typeof ANY>): Step[] {
  return segment.flatMap(stepsOfPart)
}

function stepsOfPart(part: Part): readonly Step[] {
  if (typeof part === 'string') return charactersOf(part)
  return part.fallback && isApart(part.fallback)
    ? eitherOf(VALUE, charactersOf(part.fallback.spelling))
    : VALUE
}

/** A value is never empty. */
function oneOrMore(within: RegExp): readonly Step[] {
  return [{ within }, { within, repeats: true }]
}

function isLast(index: number, { segments }: Template): boolean {
  return index === segments.length - 1
}

function eitherOf(one: readonly Step[], other: readonly Step[]): readonly Step[] {
  return [{ ways: [1, one.length + 2] }, ...one, { ways: [other.length + 1] }, ...other]
}

function charactersOf(text: string): Step[] {
  return [...text].map((character) => ({ character }))
}

function agree(a: Step, b: Step): boolean {
  if (a.character === undefined) return b.character === undefined || Boolean(a.within?.test(b.character))
  return b.character === undefined ? Boolean(b.within?.test(a.character)) : a.character === b.character
}
