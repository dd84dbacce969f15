import { isApart } from '../keys/default-value.js'
import type { Placeholder, PlaceholderSource, Template } from '../keys/template.js'
import type { CacheableRule } from './rule.js'

/** Where middleware leaves who is signed in, and nothing else. */
const OF_PERSON: ReadonlySet<PlaceholderSource> = new Set(['user', 'auth', 'session'])
/** Where who is signed in may be found among other things. */
const MAY_BE_OF_PERSON: ReadonlySet<PlaceholderSource> = new Set([
  ...OF_PERSON,
  'locals',
  'cookies',
  'headers',
])
/** How a field is called that tells one person from another. */
export const PERSONAL_NAME = /user|auth|session|account|tenant|principal|identity/i
const IN_FUNCTION = /\b(?:user|auth|session|cookies|signedCookies|locals|authorization)\b/i

/**
 * Whether the key of a rule says who asks, as far as can be seen: what its placeholders are called, and what stands in the
 * function that gives its parts.
 */
export function namesPerson({
  template,
  functionKey,
}: Pick<CacheableRule, 'template' | 'functionKey'>): boolean {
  if (functionKey) return IN_FUNCTION.test(Function.prototype.toString.call(functionKey.function))
  return template.placeholders.some(
    ({ source, path }) =>
      OF_PERSON.has(source) || source === 'cookies' || (source === 'locals' && path.some(isPersonal)),
  )
}

/** Whether the key takes from where who is signed in is left, and from nowhere else. */
export function takesFromPerson({ placeholders }: Template): boolean {
  return placeholders.some(({ source }) => OF_PERSON.has(source))
}

/** Whether `{user.…}` stands in a template so that each user has keys of their own. */
export function namesUser({ placeholders }: Template): boolean {
  return placeholders.some(({ source, fallback }) => source === 'user' && (!fallback || isApart(fallback)))
}

/**
 * The placeholder that may give what `createCache({ user })` does, without saying `{user}`; each request shows it. With
 * several, one user's role could be another's name.
 */
export function placeholderOfUser({ placeholders }: Template): Placeholder | undefined {
  const candidates = placeholders.filter(({ source }) => MAY_BE_OF_PERSON.has(source))
  return candidates.length === 1 ? candidates[0] : undefined
}

/** Whether the key of a rule can say who is signed in only with `createCache({ user })`. */
export function needsUserOption({ visibility, template }: CacheableRule): boolean {
  return visibility === 'user' && !namesUser(template)
}

function isPersonal(field: string): boolean {
  return PERSONAL_NAME.test(field)
}
