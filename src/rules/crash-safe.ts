import { type Template, takesFrom } from '../keys/template.js'
import { wrongOption } from '../tools/check-values.js'

/**
 * The option of a rule for writes; `undefined`: as the cache's own says.
 *
 * @throws CacheError `E_CACHE_OPTION` where nothing of what the rule evicts can be told before the handler has run.
 */
export function crashSafeOf(
  { crashSafe }: { readonly crashSafe?: boolean },
  templates: readonly Template[],
  where: string,
): boolean | undefined {
  if (!crashSafe || !templates.every((template) => takesFrom(template, 'result'))) return crashSafe
  throw wrongOption(
    where,
    `the option 'crashSafe' has nothing to tell before the handler runs: '${templates[0]?.text}' names its answer`,
    'Name a key or pattern that the request gives, or leave crashSafe out.',
  )
}
