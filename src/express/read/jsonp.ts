import type { Response } from 'express'
import type { Placeholder } from '../../keys/template.js'
import { namesWholeUrl } from '../../keys/whole-url.js'
import type { CacheableRule } from '../../rules/rule.js'
import { setMethod } from '../../tools/set-method.js'

/**
 * Tells when a handler answers with `res.jsonp`, for a rule whose key does not name the callback: such an answer is
 * called by the name that one client has chosen, or by none, and the next one chooses another.
 */
export function onUnnamedJsonp(res: Response, rule: CacheableRule, listener: () => void): void {
  const { jsonp } = res
  if (typeof jsonp !== 'function') return
  setMethod(res, 'jsonp', function tellJsonp(this: Response, ...args: unknown[]) {
    if (!namesCallback(rule, String(res.app?.get('jsonp callback name')))) listener()
    return Reflect.apply(jsonp, this, args)
  } as typeof res.jsonp)
}

function namesCallback({ template }: CacheableRule, callback: string): boolean {
  const isCallback = ({ source, path }: Placeholder) => source === 'query' && path[0] === callback
  return namesWholeUrl(template) || template.placeholders.some(isCallback)
}
