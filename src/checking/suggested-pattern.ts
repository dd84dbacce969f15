import { withoutVariant } from '../keys/match-pattern.js'
import { ANY, type Placeholder, type Template } from '../keys/template.js'
import { valuesInKey } from '../keys/values-in-key.js'
import { follow } from '../tools/follow.js'

/** A value that a write knows, under the name by which templates take from it; `bare`: its fields are `{id}`. */
export interface KnownValue {
  readonly source: 'bare' | 'params' | 'body' | 'query' | 'user' | 'result' | 'args' | 'data'
  readonly value: unknown
}

/** A value may lie this deep, and among so many: a look costs no more than a moment. */
const DEEPEST = 4
const MOST_FIELDS = 1_000

/**
 * A pattern for a write that covers an entry: the template of the entry's key, with each placeholder taken from where
 * the write has the same value.
 *
 * @returns undefined, if the write does not have them all.
 * @example
 * // The key is 'profile:ada', and the write has answered { author: { name: 'ada' } }.
 * suggestedPattern(profileTemplate, 'profile:ada', [{ source: 'result', value: answer }]) // 'profile:{result.author.name}'
 */
export function suggestedPattern(
  template: Template,
  key: string,
  known: readonly KnownValue[],
): string | undefined {
  const values = valuesInKey(template, withoutVariant(key))
  if (!values) return undefined
  const segments: string[] = []
  for (const segment of template.segments) {
    let text = ''
    for (const part of segment === ANY ? [ANY] : segment) {
      const found = typeof part === 'string' ? part : whereIs(part, values.get(part), known)
      if (found === undefined) return undefined
      text += found
    }
    segments.push(text)
  }
  return segments.join(':')
}

/** The placeholder that gives a value: the same one, one of the same name, or any. */
function whereIs(
  placeholder: Placeholder,
  value: string | undefined,
  known: readonly KnownValue[],
): string | undefined {
  if (value === undefined) return undefined
  const same = known.find(({ source }) => source === placeholder.source)
  if (same && isSaid(follow(same.value, placeholder.path), value))
    return written(same.source, placeholder.path)
  const places = known.flatMap(({ source, value: within }) =>
    placesOf(value, within).map((path) => ({ source, path })),
  )
  const name = placeholder.path.at(-1)
  const place = places.find(({ path }) => path.at(-1) === name) ?? places[0]
  return place && written(place.source, place.path)
}

function written(source: KnownValue['source'], path: readonly string[]): string {
  return `{${(source === 'bare' ? path : [source, ...path]).join('.')}}`
}

/** Where a value stands in another. Lists are left out, but for the arguments of a method: a place in one says little. */
function placesOf(value: string, within: unknown): (readonly string[])[] {
  const places: (readonly string[])[] = []
  const open: { at: unknown; path: readonly string[] }[] = [{ at: within, path: [] }]
  let looked = 0
  for (const { at, path } of open) {
    if (path.length > DEEPEST || looked > MOST_FIELDS) break
    if (isSaid(at, value) && path.length > 0) places.push(path)
    if (typeof at !== 'object' || at === null || (Array.isArray(at) && path.length > 0)) continue
    for (const [name, field] of Object.entries(at)) {
      looked += 1
      if (/^[\w$-]+$/.test(name)) open.push({ at: field, path: [...path, name] })
    }
  }
  return places
}

function isSaid(found: unknown, value: string): boolean {
  return (typeof found === 'string' || typeof found === 'number') && String(found) === value
}
