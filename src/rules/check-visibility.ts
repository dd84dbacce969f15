import { CacheError } from '../errors.js'
import { takesFrom } from '../keys/template.js'
import { namesUser, placeholderOfUser, takesFromPerson } from './identity.js'
import type { CacheableRule } from './rule.js'

/** @throws CacheError `E_CACHE_VISIBILITY` where the key of a rule does not fit who may have its answers. */
export function checkVisibility({ visibility, template, functionKey, where }: CacheableRule): void {
  if (!['public', 'shared', 'user'].includes(visibility)) {
    throw new CacheError('E_CACHE_VISIBILITY', {
      where,
      problem: `'${String(visibility)}' is no visibility`,
      mend: `Give 'public', 'shared' or 'user'.`,
    })
  }
  const mayBeNamed = namesUser(template) || functionKey || placeholderOfUser(template)
  if (visibility === 'user' && !mayBeNamed) {
    const saysUser = takesFrom(template, 'user')
    throw new CacheError('E_CACHE_VISIBILITY', {
      where,
      problem: saysUser
        ? `the answer is one user's own, but by the key '${template.text}' nobody is the same as a user of the default's name`
        : `the answer is one user's own, but the key '${template.text}' does not name the user`,
      mend: saysUser
        ? `Write the default without '=', such as {user.id|none}.`
        : 'Add a placeholder such as {user.id} to the key.',
    })
  }
  if (visibility === 'public' && takesFromPerson(template)) {
    throw new CacheError('E_CACHE_VISIBILITY', {
      where,
      problem: `the answer is for anyone, but the key '${template.text}' names the user`,
      mend: `Set visibility: 'user', or take the user out of the key.`,
    })
  }
}

/** Of a rule that names who is signed in by a source of which only the application knows that it does. */
export function unknownUser({ where, template }: CacheableRule): CacheError {
  return new CacheError('E_CACHE_VISIBILITY', {
    where,
    problem: `the answer is one user's own, and nobody knows whether the key '${template.text}' names the user`,
    mend: 'Say who that is, such as createCache({ user: (req) => req.auth?.sub }), or write {user.id}.',
  })
}
