import { escapeValue } from '../../keys/escape-value.js'
import { SEGMENT_SEPARATOR } from '../../keys/match-pattern.js'
import type { ResolveValue } from '../../keys/render.js'
import { namesUser, placeholderOfUser } from '../../rules/identity.js'
import type { CacheableRule } from '../../rules/rule.js'
import { UNKNOWN_USER } from '../signed-in.js'

/**
 * Whether a request's key says whose answer it is, for a rule whose answers are each one user's own.
 *
 * `{user.…}` does, unless somebody is signed in of whom it takes nothing: then a default would make them nobody. What
 * another source gives, or the second part that a function gives, has to be what `createCache({ user })` says.
 */
export function keyNamesUser(
  { template, functionKey }: CacheableRule,
  key: string,
  user: unknown,
  resolveValue: ResolveValue,
): boolean {
  if (user === UNKNOWN_USER) return false
  if (namesUser(template)) {
    const isNobody = user === undefined || user === null
    const ofUser = template.placeholders.filter(({ source }) => source === 'user')
    return isNobody || ofUser.some((placeholder) => escapeValue(resolveValue(placeholder)).kind === 'text')
  }
  const who = escapeValue(user)
  if (who.kind !== 'text') return false
  if (functionKey) return key.slice(functionKey.prefix.length).split(SEGMENT_SEPARATOR)[1] === who.text
  const placeholder = placeholderOfUser(template)
  const named = placeholder && escapeValue(resolveValue(placeholder))
  return named?.kind === 'text' && named.text === who.text
}
