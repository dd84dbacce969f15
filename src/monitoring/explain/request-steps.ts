import { requestKey } from '../../express/read/request-key.js'
import { type RequestValues, valuesOfRequest } from '../../express/request-values.js'
import { requestPolicy } from '../../http/request-policy.js'
import { escapeValue, MAX_KEY_BYTES } from '../../keys/escape-value.js'
import type { ResolveValue } from '../../keys/render.js'
import type { Placeholder } from '../../keys/template.js'
import type { CacheableRule } from '../../rules/rule.js'
import { mendOf } from '../mends.js'
import type { ExplainedStep } from '../reports.js'
import type { ExplainParts } from './explain-parts.js'
import type { MadeUpRequest } from './made-up-request.js'

/** What a request comes to before the store is asked. */
export interface RequestSteps {
  readonly steps: readonly ExplainedStep[]
  readonly key: string | null
  /** Why it goes past the cache. */
  readonly bypass: string | null
  /** What only the request itself could tell. */
  readonly unknowns: readonly string[]
}

/** The checks in the order in which a request meets them, and the reasons that each gives. */
const CHECKS = [
  { check: 'enabled', stops: /^disabled$/ },
  { check: 'method', stops: /^method [A-Z]/ },
  { check: 'request', stops: /^(?:method override|Range|\w+ with a body)$/ },
  { check: 'condition', stops: /^condition/ },
  { check: 'credentials', stops: /^credentials$/ },
  { check: 'key', stops: /^(?:no value for |no parts of a key|key failed|key over )/ },
  { check: 'user', stops: /^the key does not name the user$/ },
  { check: 'Cache-Control', stops: /^request no-store$/ },
] as const

type Check = (typeof CHECKS)[number]['check']

/**
 * Takes a made-up request through the function that decides for real ones, and says step by step what it said. What it reads
 * of the request that nobody could know makes its step `unknown`, and the steps behind go by what would be otherwise.
 */
export function requestSteps(
  rule: CacheableRule,
  parts: ExplainParts,
  { req, unknowns }: MadeUpRequest,
  values: RequestValues,
): RequestSteps {
  const unknownAt = new Map<Check, readonly string[]>()
  const noteAt = (check: Check): boolean => {
    if (unknowns.size === 0) return false
    unknownAt.set(check, [...(unknownAt.get(check) ?? []), ...unknowns])
    unknowns.clear()
    return true
  }
  // Who is signed in has been looked up by now.
  noteAt('user')
  const watched: CacheableRule = {
    ...rule,
    condition:
      rule.condition &&
      ((asked) =>
        guess(
          () => rule.condition?.(asked) ?? true,
          () => noteAt('condition'),
        )),
  }
  const { isEnabled, harmlessCookies } = parts.context
  // To explain claims no key and logs nothing.
  const context = { isEnabled, harmlessCookies, emit: () => {}, claimKey: () => {} }
  const found = requestKey(watched, context, req, values)
  const policy = found.ok && rule.honorRequestCacheControl ? requestPolicy(req) : 'normal'
  noteAt('key')
  const bypass = found.ok ? (policy === 'no-store' ? 'request no-store' : null) : found.reason
  const isUserUnknown = unknownAt.has('user') && isAskedOf('user', rule)
  const isKeyUnknown = unknownAt.has('key') || isUserUnknown
  const isGuess = isKeyUnknown && bypass !== null && ['key', 'user'].includes(checkOf(bypass))
  const stopsAt = bypass === null || isGuess ? undefined : checkOf(bypass)
  const resolve = valuesOfRequest(req, values)
  const details = detailsOf(rule, req.method, found.ok && !isKeyUnknown ? found.key : null, resolve)
  unknowns.clear()
  const steps: ExplainedStep[] = []
  for (const { check } of CHECKS) {
    const detail = details[check]
    const asked = unknownAt.get(check)
    if (check === stopsAt) {
      steps.push(stopped(check, bypass as string))
      break
    }
    if (asked && isAskedOf(check, rule)) {
      steps.push({
        check,
        outcome: 'unknown',
        detail: `only the request itself can tell: ${asked.join(', ')}`,
      })
    } else if (detail !== undefined) steps.push({ check, outcome: 'passes', detail })
  }
  const relevant = CHECKS.flatMap(({ check }) => (isAskedOf(check, rule) ? (unknownAt.get(check) ?? []) : []))
  return {
    steps,
    key: found.ok && !isKeyUnknown ? found.key : null,
    bypass: stopsAt === undefined ? null : bypass,
    unknowns: [...new Set(relevant)],
  }
}

/** What a function of the user's says; what it makes of something nobody knows counts as true. */
function guess(ask: () => boolean, isUnknown: () => boolean): boolean {
  try {
    const answer = ask()
    return isUnknown() || answer
  } catch (error) {
    if (isUnknown()) return true
    throw error
  }
}

/** Who is signed in is looked up for rules that want to know, and decides where the key has to say it. */
function isAskedOf(check: Check, { visibility, template, functionKey }: CacheableRule): boolean {
  if (check !== 'user') return true
  return visibility === 'user' || functionKey !== undefined || template.placeholders.some(isUser)
}

function isUser({ source }: Placeholder): boolean {
  return source === 'user'
}

function checkOf(reason: string): Check {
  return CHECKS.find(({ stops }) => stops.test(reason))?.check ?? 'key'
}

function stopped(check: Check, reason: string): ExplainedStep {
  const mend = mendOf(reason)
  return { check, outcome: 'stops', detail: reason, ...(mend && { mend }) }
}

/** What to say where a check passes; nothing of those that a rule does not have. */
function detailsOf(
  rule: CacheableRule,
  method: string,
  key: string | null,
  resolve: ResolveValue,
): Readonly<Partial<Record<Check, string>>> {
  const values = rule.template.placeholders.map((placeholder) => shownValue(placeholder, resolve))
  const isOf = values.length > 0 ? `, where ${values.join(', ')}` : ''
  return {
    enabled: 'the cache looks requests up',
    method,
    request: 'a stored answer could be for it',
    ...(rule.condition && { condition: 'the option condition lets it pass' }),
    ...(key !== null && {
      key: `${key}${isOf}; ${key.length} of at most ${MAX_KEY_BYTES} bytes${variantOf(rule)}`,
    }),
    ...(rule.visibility === 'user' && { user: 'the key says whose answer it is' }),
    ...(rule.honorRequestCacheControl && { 'Cache-Control': 'the request asks for nothing else' }),
  }
}

function shownValue(placeholder: Placeholder, resolve: ResolveValue): string {
  const { text, fallback } = placeholder
  const value = escapeValue(resolve(placeholder))
  if (value.kind === 'text') return `${text} is ${value.text}`
  if (value.kind === 'unusable') return `${text} is no text, number or date`
  return fallback ? `${text} is not there, so ${fallback.spelling}` : `${text} is not there`
}

function variantOf({ vary, version }: CacheableRule): string {
  const parts = [
    ...vary.map((name) => `the header ${name}`),
    ...(version === undefined ? [] : [`version ${version}`]),
  ]
  return parts.length > 0 ? `, with ${parts.join(', ')}` : ''
}
