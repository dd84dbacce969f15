import type { Rule } from './rule.js'

const CALLED = new WeakSet<object>()

/** Remembers that a rule is that of a function: no request is answered by it. */
export function noteCalled<Label extends Pick<Rule, 'where'>>(rule: Label): Label {
  CALLED.add(rule)
  return rule
}

export function isCalled(rule: Pick<Rule, 'where'>): boolean {
  return CALLED.has(rule)
}
