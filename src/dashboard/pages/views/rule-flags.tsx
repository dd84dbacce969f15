import type { DashboardRule } from '../../dashboard-api.js'
import { requestsOf } from './rule-columns.js'

/** What is odd about a rule, in a word each. */
export function RuleFlags({ rule }: { readonly rule: DashboardRule }) {
  const flags = [
    rule.neverHit && requestsOf(rule) > 0 && 'never hit',
    rule.neverEvicted && 'never evicted',
    rule.reasons.some(({ mend }) => mend !== null) && 'has advice',
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
