import { literalPrefixOfPattern } from '../keys/glob.js'
import {
  literalPrefixOf,
  type PlaceholderSource,
  parseTemplate,
  REQUEST_SOURCES,
  type Template,
} from '../keys/template.js'
import { wrongOption } from '../tools/check-values.js'
import { checkSources } from './check-sources.js'
import type { CacheableOptions, CacheConfigOptions } from './declaration.js'
import { type FunctionKey, functionKey, type KeyFunction } from './key-function.js'
import type { RuleContext } from './rule-context.js'

const WRITE_SOURCES: readonly PlaceholderSource[] = [...REQUEST_SOURCES, 'result']
const CALL_SOURCES: readonly PlaceholderSource[] = ['args']
const CALL_RESULT_SOURCES: readonly PlaceholderSource[] = ['args', 'result']

/** Where templates of a read take values from. */
function readSources({ isCall }: RuleContext): readonly PlaceholderSource[] {
  return isCall ? CALL_SOURCES : REQUEST_SOURCES
}

/** The same where the answer is known. */
export function resultSources({ isCall }: RuleContext): readonly PlaceholderSource[] {
  return isCall ? CALL_RESULT_SOURCES : WRITE_SOURCES
}

/**
 * The key of a read: a template, or a function that gives its parts.
 *
 * @throws CacheError `E_CACHE_TEMPLATE`, `E_CACHE_SOURCE`; `E_CACHE_OPTION`, `E_CACHE_PATTERN` for a function.
 */
export function readKey(
  key: string | KeyFunction,
  { keys }: CacheableOptions,
  context: RuleContext,
): { readonly template: Template; readonly functionKey: FunctionKey | undefined } {
  const { where, isCall, classConfig } = context
  if (typeof key === 'function') {
    if (!isCall) return functionKey(key, { keys, prefix: classConfig.keyPrefix ?? '', where })
    throw wrongOption(
      where,
      'the function of its key asks a request, and a method of cache.methods() has none',
      `Give a template, such as 'report:{args.0}'.`,
    )
  }
  if (keys !== undefined) {
    throw wrongOption(
      where,
      "the option 'keys' is for a key that a function gives",
      'Leave it out: a template says it.',
    )
  }
  return { template: keyTemplate(key, context, readSources(context)), functionKey: undefined }
}

/** What all keys of a rule begin with. @throws CacheError `E_CACHE_OPTION` where nobody knows. */
export function prefixOfKeys(template: Template, ofFunction: FunctionKey | undefined, where: string): string {
  if (!ofFunction) return literalPrefixOf(template)
  if (ofFunction.isDeclared) return literalPrefixOfPattern(template.text).text
  throw wrongOption(
    where,
    "the option 'maxKeys' counts keys, and nobody knows which a function gives",
    `Say so: { keys: 'feed:*' }.`,
  )
}

/** The template of a key, with the prefix of its class. @throws CacheError `E_CACHE_TEMPLATE`, `E_CACHE_SOURCE`. */
export function keyTemplate(
  text: string,
  context: RuleContext,
  sources: readonly PlaceholderSource[],
): Template {
  const template = parseTemplate(prefixed(text, context.classConfig), context.where)
  checkSources(template, sources, context.where)
  return template
}

/** A key or pattern with the prefix of its class. */
export function prefixed(text: string, { keyPrefix = '' }: CacheConfigOptions): string {
  // What is not a text goes on as it is, so that the parser's error names it.
  return typeof text === 'string' && text.length > 0 ? keyPrefix + text : text
}
