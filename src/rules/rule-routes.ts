import type { Rule } from './rule.js'

const ROUTE_OF = new WeakMap<object, string>()

/** Remembers the route that a rule stands on, as people know it: `GET /customers/:id`. */
export function noteRoute(rule: Rule, name: string): void {
  if (!ROUTE_OF.has(rule)) ROUTE_OF.set(rule, name)
}

/** What people know a rule by: its route, where that is known, or class and method, or the call that made it. */
export function nameOf(rule: Pick<Rule, 'where'>): string {
  return ROUTE_OF.get(rule) ?? rule.where
}

/** The same of the rules of a write, which mostly share one. */
export function namesOf(rules: readonly Rule[]): string {
  return [...new Set(rules.map(nameOf))].join(', ')
}
