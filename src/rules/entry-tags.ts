import { type LoadTags, MOST_TAGS } from '../dependencies/load-tags.js'
import { type RenderedKey, type ResolveValue, renderKey } from '../keys/render.js'
import { type Placeholder, type Template, takesFrom } from '../keys/template.js'

/** The tags of one entry, or why it cannot have all that its rule declares, and so must not be stored. */
export type RenderedTags =
  | { readonly ok: true; readonly tags: readonly string[] }
  | {
      readonly ok: false
      readonly reason: string
      /** How many there are, if they are too many. */
      readonly count?: number
    }

/** Renders the tags of an entry. One without a value is none: nobody would find the entry by it. */
export function renderTags(templates: readonly Template[], resolveValue: ResolveValue): RenderedTags {
  const tags: string[] = []
  for (const template of templates) {
    const rendered: RenderedKey = renderKey(template, resolveValue)
    if (!rendered.ok) return { ok: false, reason: `tag '${template.text}': ${rendered.reason}` }
    tags.push(rendered.key)
  }
  return { ok: true, tags }
}

/** The tags of an entry with those that its load was given. */
export function withGiven(declared: RenderedTags, given: LoadTags): RenderedTags {
  if (!declared.ok) return declared
  if (given.isUnknown) return { ok: false, reason: 'unusable tag' }
  const list = given.list()
  const tags = list.length === 0 ? declared.tags : [...new Set([...declared.tags, ...list])]
  if (tags.length <= MOST_TAGS) return { ok: true, tags }
  return { ok: false, reason: 'too many tags', count: tags.length }
}

/** Whether templates need the answer. */
export function takeResult(templates: readonly Template[]): boolean {
  return templates.some((template) => takesFrom(template, 'result'))
}

/** The values as they are now, of a request that handlers may change until its answer is known. */
export function valuesAsOfNow(templates: readonly Template[], resolveValue: ResolveValue): ResolveValue {
  if (templates.length === 0) return resolveValue
  const placeholders = templates.flatMap((template) => template.placeholders)
  const values = new Map<Placeholder, unknown>(
    placeholders.map((placeholder) => [placeholder, resolveValue(placeholder)]),
  )
  return (placeholder) => values.get(placeholder)
}
