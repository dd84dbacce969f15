import { type Template, takesFrom } from '../keys/template.js'
import { wrongOption } from '../tools/check-values.js'

/**
 * The option of a rule for writes; `undefined`: as the cache's own says.
 *
 * @throws CacheError `E_CACHE_OPTION` where nothing of what the rule evicts can be told before the handler has run, or not
 * all, since it has tags.
 */
export function crashSafeOf(
  crashSafe: boolean | undefined,
  tags: readonly Template[],
  templates: readonly Template[],
  where: string,
): boolean | undefined {
  if (crashSafe && tags.length > 0) {
    throw wrongOption(
      where,
      `the option 'crashSafe' cannot tell ahead what carries tags, or was read from a table: a lookup does not know yet which tags its answer will have`,
      'Name keys or patterns instead of tags and tables, or leave crashSafe out.',
    )
  }
  if (!crashSafe || !templates.every((template) => takesFrom(template, 'result'))) return crashSafe
  throw wrongOption(
    where,
    `the option 'crashSafe' has nothing to tell before the handler runs: ${templates[0] ? `'${templates[0].text}' names its answer` : 'there is no pattern'}`,
    'Name a key or pattern that the request gives, or leave crashSafe out.',
  )
}
