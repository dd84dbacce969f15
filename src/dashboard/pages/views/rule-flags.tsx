import type { DashboardRule } from '../../dashboard-api.js'
import { requestsOf } from './rule-columns.js'

/** A few requests that go past the cache are no trouble. */
const WORTH_ADVICE = 0.02

/** What is odd about a rule, in a word each. */
export function RuleFlags({ rule }: { readonly rule: DashboardRule }) {
  const flags = [
    rule.neverHit && requestsOf(rule) > 0 && 'never hit',
    rule.neverEvicted && 'never evicted',
    (rule.audits?.stale ?? 0) > 0 && 'found stale',
    hasAdvice(rule) && 'has advice',
  ].filter((flag) => flag !== false)
  return (
    <>
      {flags.map((flag) => (
        <span key={flag} class="flag">
          {flag}
        </span>
      ))}
    </>
  )
}

function hasAdvice(rule: DashboardRule): boolean {
  const mendable = rule.reasons.filter(({ mend }) => mend !== null)
  const times = mendable.reduce((sum, { count }) => sum + count, 0)
  return times > 0 && times >= requestsOf(rule) * WORTH_ADVICE
}
