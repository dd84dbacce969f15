import { type Template, takesFrom } from '../keys/template.js'
import { wrongOption } from '../tools/check-values.js'

/**
 * The option of a rule for writes; `undefined`: as the cache's own says.
 *
 * @param templates - Of what it evicts or replaces: patterns, and tags.
 * @throws CacheError `E_CACHE_OPTION` where nothing of that can be told before the handler has run.
 */
export function crashSafeOf(
  crashSafe: boolean | undefined,
  templates: readonly Template[],
  where: string,
): boolean | undefined {
  if (!crashSafe || !templates.every((template) => takesFrom(template, 'result'))) return crashSafe
  throw wrongOption(
    where,
    `the option 'crashSafe' has nothing to tell before the handler runs: ${templates[0] ? `'${templates[0].text}' names its answer` : 'there is no pattern and no tag'}`,
    'Name a key, pattern or tag that the request gives, or leave crashSafe out.',
  )
}
