import type { Request } from 'express'
import { takesFrom } from '../keys/template.js'
import { type Rule, templatesOf } from '../rules/rule.js'
import { wrongOption } from '../tools/check-values.js'
import { atOnce } from '../tools/guarded.js'
import { reasonOf } from '../tools/reason-of.js'

/** Says who is signed in. */
export type UserOf = (req: Request) => unknown

/** Stands for somebody who could not be told. It is no value, and no default stands in for it. */
export const UNKNOWN_USER: unique symbol = Symbol('unknown user')

/** The option `user` of a cache, whose mistakes cost its requests the cache and a warning. */
export function guardedUser(user: UserOf, warn: (warning: string) => void): UserOf {
  const where = 'createCache()'
  const ask = atOnce(user, () =>
    wrongOption(where, 'the option user gave a promise, which is nobody', 'Let it answer at once.'),
  )
  return (req) => {
    try {
      return ask(req)
    } catch (error) {
      warn(
        `The option user of createCache() threw: ${reasonOf(error)}. Requests that need it bypass the cache.`,
      )
      return UNKNOWN_USER
    }
  }
}

/** Whether rules want to know who is signed in. */
export function wantUser(rules: readonly Rule[]): boolean {
  return rules.some(
    (rule) =>
      (rule.kind === 'cacheable' && rule.visibility === 'user') ||
      templatesOf(rule).some((template) => takesFrom(template, 'user')),
  )
}
