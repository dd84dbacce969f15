import { useEffect, useRef, useState } from 'preact/hooks'
import type { Overview } from '../../dashboard-api.js'
import { percent, perSecond } from '../format.js'

/** Often enough to follow, seldom enough to hear something else. */
const EVERY_MS = 30_000

/** Says now and then what changes each second on the screen, for those who hear it. */
export function SpokenTotals({ overview }: { readonly overview: Overview }) {
  const newest = useRef(overview)
  newest.current = overview
  const [said, say] = useState('')
  useEffect(() => {
    const timer = setInterval(() => say(sentence(newest.current)), EVERY_MS)
    return () => clearInterval(timer)
  }, [])
  return (
    <p class="hidden" aria-live="polite">
      {said}
    </p>
  )
}

function sentence({ rates, totals }: Overview): string {
  const requests = rates.hits + rates.misses + rates.bypasses
  return `${perSecond(requests)} requests per second; ${percent(totals.hits, totals.hits + totals.misses)} answered from the cache.`
}
