import type { RuleLabel } from '../engine/cache-event.js'
import { nameOf } from '../rules/rule-routes.js'

/** What a rule is called in metrics and spans: its route, or class and method; of functions also what their values are called. */
export function ruleName(rule: RuleLabel): string {
  const name = nameOf(rule)
  return name === 'cache.wrap' ? `${name} ${rule.key}` : name
}
