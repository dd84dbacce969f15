import { CacheError } from '../errors.js'
import { ANY, type PlaceholderSource, parsePattern, takesFrom } from '../keys/template.js'
import type { PackedRule } from '../stores/dictionaries/rule-dictionary.js'
import { wrongOption } from '../tools/check-values.js'
import { atOnce } from '../tools/guarded.js'
import { checkOptions } from './check-options.js'
import { checkSources } from './check-sources.js'
import { checkVisibility } from './check-visibility.js'
import { crashSafeOf } from './crash-safe.js'
import type { CacheableOptions, RequestDeclaration } from './declaration.js'
import { parseReads, parseWrites } from './declared-tags.js'
import { type Duration, toMilliseconds } from './duration.js'
import { keyTemplate, prefixed, prefixOfKeys, readKey, resultSources } from './read-key.js'
import type { CacheableRule, EvictRule, PutRule, Rule } from './rule.js'
import type { RuleContext } from './rule-context.js'

const EVENT_SOURCES: readonly PlaceholderSource[] = ['data', 'result']

/** Options that ask a request, or are about an answer over HTTP. */
const OF_REQUESTS = [
  'condition',
  'statuses',
  'mark',
  'vary',
  'visibility',
  'honorRequestCacheControl',
  'compress',
  'refreshAhead',
  'schema',
] as const

const READ_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD'])
const BODY_METHODS: ReadonlySet<string> = new Set(['POST', 'QUERY'])

const DECLARATION_OF = new WeakMap<Rule, RequestDeclaration>()

/** What a rule was made of: one and the same object for all classes that inherit a method. */
export function declarationOf(rule: Rule): RequestDeclaration | undefined {
  return DECLARATION_OF.get(rule)
}

/**
 * Checks a declaration and makes the rule that middleware acts on.
 *
 * @throws CacheError for whatever is wrong with it, naming `context.where`.
 */
export function resolveRule(declaration: RequestDeclaration, context: RuleContext): Rule {
  checkOptions('@CacheConfig', context.classConfig, context.where)
  const rule = ruleOf(declaration, context)
  DECLARATION_OF.set(rule, declaration)
  return rule
}

function ruleOf(declaration: RequestDeclaration, context: RuleContext): Rule {
  switch (declaration.kind) {
    case 'cacheable':
      return resolveCacheable(declaration, context)
    case 'put':
      return resolvePut(declaration, context)
    case 'evict':
      return resolveEvict(declaration, context)
  }
}

function resolveCacheable(
  declaration: Extract<RequestDeclaration, { kind: 'cacheable' }>,
  context: RuleContext,
): CacheableRule {
  const { where } = context
  if (context.isEventHandler) throw notOnEvents('@Cacheable', where)
  refuseOptionsOfRequests('@Cacheable', declaration.options, context)
  const options = optionsOf(declaration.options, context)
  checkOptions('@Cacheable', declaration.options, where)
  const { template, functionKey } = readKey(declaration.key, declaration.options, context)
  const { maxKeys } = options
  const staleWhileRevalidateMs = optionalMs(options.staleWhileRevalidate, 'staleWhileRevalidate', where)
  const staleIfErrorMs = optionalMs(options.staleIfError, 'staleIfError', where)
  const rule: CacheableRule = {
    kind: 'cacheable',
    where,
    key: template.text,
    template,
    functionKey,
    ttlMs: ttlOf(declaration, context),
    condition: answering('condition', options.condition, where),
    unless: answering('unless', options.unless, where),
    statuses: new Set([200, ...statusesOf(options.statuses, where)]),
    mark: options.mark,
    vary: (options.vary ?? []).map((name) => name.toLowerCase()),
    visibility: options.visibility ?? 'shared',
    honorRequestCacheControl: options.honorRequestCacheControl ?? false,
    staleWhileRevalidateMs,
    staleIfErrorMs,
    compress: options.compress === true,
    packedRule: options.compress === 'dictionary' ? packedRule(where, template.text, options) : undefined,
    refreshAhead: options.refreshAhead ?? false,
    graceMs: Math.max(staleWhileRevalidateMs, staleIfErrorMs),
    maxKeys,
    version: options.version === undefined ? undefined : String(options.version),
    schema: options.schema,
    tags: parseReads(options, resultSources(context), where),
    reads: [options.reads ?? []].flat(),
    keyLimit:
      maxKeys === undefined ? undefined : { prefix: prefixOfKeys(template, functionKey, where), maxKeys },
    methods: takesFrom(template, 'body') ? BODY_METHODS : READ_METHODS,
  }
  checkVisibility(rule)
  if (rule.compress && rule.mark !== undefined) throw markedAndCompressed(where)
  if (rule.compress && rule.schema !== undefined) throw checkedAndCompressed(where)
  return rule
}

/** What is one person's own may stand in many answers to that person. */
function packedRule(where: string, key: string, { visibility }: CacheableOptions): PackedRule {
  return { name: `${where} ${key}`, takesValues: visibility !== 'user' }
}

function markedAndCompressed(where: string): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where,
    problem:
      "the options 'mark' and 'compress: true' of @Cacheable exclude each other: a mark is put into the JSON of each hit",
    mend: `Leave one of them out, as X-Cache tells a hit as well; or write compress: 'dictionary'.`,
  })
}

function checkedAndCompressed(where: string): CacheError {
  return new CacheError('E_CACHE_OPTION', {
    where,
    problem:
      "the options 'schema' and 'compress: true' of @Cacheable exclude each other: the JSON of what is kept compressed is not looked at on a hit",
    mend: `Write compress: 'dictionary'; or leave one of them out, as 'version' keeps old shapes away as well.`,
  })
}

function resolvePut(
  declaration: Extract<RequestDeclaration, { kind: 'put' }>,
  context: RuleContext,
): PutRule {
  const { where, classConfig } = context
  if (context.isEventHandler) throw notOnEvents('@CachePut', where)
  checkOptions('@CachePut', declaration.options, where)
  refuseOptionsOfRequests('@CachePut', declaration.options, context)
  const template = keyTemplate(declaration.key, context, resultSources(context))
  const first = template.segments[0]
  if (first === undefined || first === ANY || first.some((part) => typeof part !== 'string')) {
    throw new CacheError('E_CACHE_TEMPLATE', {
      where,
      problem: `the key template '${template.text}' of a put begins with a placeholder`,
      mend: `Begin it with a fixed segment, such as 'customer:{result.id}'.`,
    })
  }
  const reads = declaration.options.reads ?? classConfig.reads
  const tags = parseReads(
    { tags: declaration.options.tags ?? classConfig.tags, reads },
    resultSources(context),
    where,
  )
  return {
    kind: 'put',
    where,
    key: template.text,
    template,
    ttlMs: ttlOf(declaration, context),
    condition: answering(
      'condition',
      declaration.options.condition ?? (context.isCall ? undefined : classConfig.condition),
      where,
    ),
    unless: answering('unless', declaration.options.unless ?? classConfig.unless, where),
    crashSafe: crashSafeOf(declaration.options.crashSafe, [template], where),
    tags,
    reads: [reads ?? []].flat(),
    dependencies: declaration.options.dependencies,
  }
}

function resolveEvict(
  declaration: Extract<RequestDeclaration, { kind: 'evict' }>,
  context: RuleContext,
): EvictRule {
  const { where, classConfig } = context
  checkOptions('@CacheEvict', declaration.options, where)
  if (context.isEventHandler && declaration.options.condition) {
    throw new CacheError('E_CACHE_OPTION', {
      where,
      problem: `the option 'condition' of @CacheEvict asks a request, and a method with @OnEvent has none`,
      mend: 'Leave it out: evicting too much is safe.',
    })
  }
  if (context.isEventHandler && declaration.options.crashSafe) {
    throw wrongOption(
      where,
      `the option 'crashSafe' of @CacheEvict is for writes, and stands on a method with @OnEvent`,
      'Leave it out: an event whose handler died is delivered again.',
    )
  }
  const texts = typeof declaration.patterns === 'string' ? [declaration.patterns] : declaration.patterns
  refuseOptionsOfRequests('@CacheEvict', declaration.options, context)
  const sources = context.isEventHandler ? EVENT_SOURCES : resultSources(context)
  const tags = parseWrites(declaration.options, sources, where)
  if (
    !Array.isArray(texts) ||
    (texts.length + tags.length === 0 && declaration.options.dependencies === undefined)
  ) {
    throw new CacheError('E_CACHE_PATTERN', {
      where,
      problem: 'there is no pattern to evict',
      mend: `Give one or more, such as ['customer:{id}', 'customers:list:*'], tags, such as { tags: ['author:{id}'] }, or tables, such as { writes: ['customers'] }.`,
    })
  }
  const patterns = texts.map((text) => parsePattern(prefixed(text, classConfig), where))
  for (const pattern of patterns) checkSources(pattern, sources, where)
  return {
    kind: 'evict',
    where,
    patterns,
    tags,
    condition: answering('condition', declaration.options.condition, where),
    before: declaration.options.before ?? false,
    dependencies: declaration.options.dependencies,
    // An event whose handler died comes again.
    crashSafe: context.isEventHandler
      ? false
      : crashSafeOf(declaration.options.crashSafe, [...patterns, ...tags], where),
  }
}

/** A class may say what is for requests alone, if some of its methods answer any. */
function optionsOf(own: CacheableOptions, { classConfig, isCall }: RuleContext): CacheableOptions {
  if (!isCall) return { ...classConfig, ...own }
  const shared = Object.entries(classConfig).filter(([name]) => !OF_REQUESTS.some((one) => one === name))
  return { ...Object.fromEntries(shared), ...own }
}

function refuseOptionsOfRequests(decorator: string, options: object, { isCall, where }: RuleContext): void {
  const wrong = isCall
    ? OF_REQUESTS.find((name) => Reflect.get(Object(options), name) !== undefined)
    : undefined
  if (wrong === undefined) return
  throw new CacheError('E_CACHE_OPTION', {
    where,
    problem: `the option '${wrong}' of ${decorator} is about a request, and a method of cache.methods() has none`,
    mend: 'Leave it out.',
  })
}

/** The option as a function that gives its answer at once, or throws. */
function answering<Args extends unknown[]>(
  option: 'condition' | 'unless',
  ask: ((...args: Args) => boolean) | undefined,
  where: string,
): ((...args: Args) => boolean) | undefined {
  if (!ask) return undefined
  return atOnce(ask, () =>
    wrongOption(
      where,
      `the option '${option}' gave a promise, which is no answer`,
      'Let it answer at once; what it has to wait for, middleware in front of the route finds out.',
    ),
  )
}

function ttlOf(
  { ttl, options }: { readonly ttl: Duration | undefined; readonly options: { readonly ttl?: Duration } },
  { classConfig, defaultTtl, where }: RuleContext,
): number {
  if (ttl !== undefined && options.ttl !== undefined) {
    throw wrongOption(
      where,
      'there is a TTL beside the key and another among the options',
      'Keep one of them.',
    )
  }
  return toMilliseconds(ttl ?? options.ttl ?? classConfig.ttl ?? defaultTtl, 'TTL', where)
}

function optionalMs(duration: Duration | undefined, what: string, where: string): number {
  return duration === undefined ? 0 : toMilliseconds(duration, what, where)
}

function statusesOf(statuses: readonly number[] | undefined, where: string): readonly number[] {
  const wrong = statuses?.find((status) => !Number.isInteger(status) || status < 200 || status > 599)
  if (wrong === undefined) return statuses ?? []
  throw new CacheError('E_CACHE_OPTION', {
    where,
    problem: `'statuses' has ${String(wrong)}, which is no final HTTP status`,
    mend: 'Give whole numbers from 200 to 599, such as [404].',
  })
}

function notOnEvents(what: string, where: string): CacheError {
  return new CacheError('E_CACHE_RULE_CONFLICT', {
    where,
    problem: `${what} stands on a method with @OnEvent, which answers no request`,
    mend: 'Put it on a route, or use @CacheEvict here.',
  })
}
