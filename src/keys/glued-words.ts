import { escapeText } from './escape-value.js'
import { ANY, type Segment, type Template } from './template.js'

/**
 * The words that a value is part of where a template puts letters or digits right beside a placeholder: `u42` of `u{id}`.
 *
 * @throws URIError for half a character.
 */
export function gluedWords({ segments }: Template, value: string): readonly string[] {
  return segments.flatMap((segment) => gluedInSegment(segment, escapeText(value)))
}

function gluedInSegment(segment: Segment, text: string): readonly string[] {
  if (segment === ANY) return []
  return segment.flatMap((part, place) => {
    if (typeof part === 'string') return []
    const [before, after] = [segment[place - 1], segment[place + 1]]
    const start = typeof before === 'string' ? before.slice(before.search(/[A-Za-z0-9]*$/)) : ''
    const end = typeof after === 'string' ? (/^[A-Za-z0-9]*/.exec(after)?.[0] ?? '') : ''
    return start === '' && end === '' ? [] : [start + text + end]
  })
}
