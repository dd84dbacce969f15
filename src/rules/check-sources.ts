import { CacheError } from '../errors.js'
import { type PlaceholderSource, type Template } from '../keys/template.js'

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
