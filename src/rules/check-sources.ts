import { CacheError } from '../errors.js'
import { type PlaceholderSource, parseTag, type Template } from '../keys/template.js'

/** @throws CacheError `E_CACHE_SOURCE` */
export function checkSources(template: Template, allowed: readonly PlaceholderSource[], where: string): void {
  const wrong = template.placeholders.find(({ source }) => !allowed.includes(source))
  if (!wrong) return
  const known = allowed.map((source) => (source === 'bare' ? '{id}' : `{${source}.…}`)).join(', ')
  throw new CacheError('E_CACHE_SOURCE', {
    where,
    problem: `'${template.text}' takes ${wrong.text} from where nothing can be known`,
    mend: `Here a placeholder may be ${known}.`,
  })
}

/**
 * The templates of declared tags. A class's prefix is for its keys: tags are what classes share.
 *
 * @throws CacheError `E_CACHE_TEMPLATE`, `E_CACHE_SOURCE`.
 */
export function parseTags(
  tags: string | readonly string[] | undefined,
  sources: readonly PlaceholderSource[],
  where: string,
): readonly Template[] {
  const templates = (typeof tags === 'string' ? [tags] : (tags ?? [])).map((text) => parseTag(text, where))
  for (const template of templates) checkSources(template, sources, where)
  return templates
}
