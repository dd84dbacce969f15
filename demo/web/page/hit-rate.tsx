import { useEffect, useState } from 'preact/hooks'
import type { Statistics } from './answers.js'
import { useCrm, useWords } from './crm.js'

const PAUSE_MS = 250

/** Of the whole server, so far. Asked for when the panels have had their answers, not for each of them. */
export function HitRate({ answers }: { answers: number }) {
  const { api } = useCrm()
  const { say, number } = useWords()
  const [statistics, setStatistics] = useState<Statistics | null>(null)

  // Each answer to a panel changes the statistics.
  useEffect(() => {
    const leaving = new AbortController()
    const timer = setTimeout(() => {
      api.read<Statistics>('/api/cache/stats', leaving.signal).then(
        ({ data }) => setStatistics(data),
        // The panels say that something is wrong; here the last figures stay.
        () => {},
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      leaving.abort()
    }
  }, [api, answers])

  if (!statistics) return null
  const { hits, misses, bypasses, hitRate } = statistics
  return (
    <p class="hit-rate">
      <strong>{say('page.stats', { rate: hitRate })}</strong>{' '}
      {say('page.stats.detail', { hits: number(hits), misses: number(misses), bypasses: number(bypasses) })}
    </p>
  )
}
