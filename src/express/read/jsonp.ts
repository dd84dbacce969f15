import type { Response } from 'express'
import { namesWholeUrl } from '../../keys/whole-url.js'
import type { CacheableRule } from '../../rules/rule.js'

/**
 * Tells when a handler answers with `res.jsonp`, for a rule whose key does not name the callback: such an answer is
 * called by the name that one client has chosen, or by none, and the next one chooses another.
 */
export function onUnnamedJsonp(res: Response, rule: CacheableRule, listener: () => void): void {
  const { jsonp } = res
  const callback = String(res.app?.get('jsonp callback name'))
  const isNamed =
    namesWholeUrl(rule.template) ||
    rule.template.placeholders.some(({ source, path }) => source === 'query' && path[0] === callback)
  if (isNamed || typeof jsonp !== 'function') return
  res.jsonp = function tellJsonp(this: Response, ...args: unknown[]) {
    listener()
    return Reflect.apply(jsonp, this, args)
  } as typeof res.jsonp
}
