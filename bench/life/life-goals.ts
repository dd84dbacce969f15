import { show } from '../figures.js'
import type { Goal } from '../goals.js'
import {
  databaseCalls,
  type Figure,
  type LifeResult,
  medianOf,
  p99,
  partsOf,
  staleIn,
} from './life-figures.js'
import type { Frozen } from './life-tables.js'
import { OURS, TRUE_EVERYWHERE } from './subjects.js'

/** What ours shall show beside the others. */
export function lifeGoals(results: readonly LifeResult[], frozen: readonly Frozen[]): Goal[] {
  const isTrue = ({ name }: { name: string }) => TRUE_EVERYWHERE.some((subject) => subject.name === name)
  const stale = staleIn([
    ...results.filter(({ subject }) => isTrue(subject.subject)).flatMap(partsOf),
    ...frozen.filter(({ running }) => isTrue(running.subject)).map(({ part }) => part),
  ])
  return [
    leastGoal(results, databaseCalls, 'database calls per 1,000 requests', 1),
    leastGoal(results, p99, 'p99 in ms', 1),
    {
      what: 'stale answers of ours without copies in the process, Redis frozen or not: none',
      measured: show(stale),
      isMet: stale === 0,
    },
  ]
}

/** That the best of ours is best of all. */
function leastGoal(results: readonly LifeResult[], figure: Figure, what: string, decimals: number): Goal {
  const best = (isOurs: boolean) => {
    const figures = results
      .filter(({ subject }) => OURS.includes(subject.subject) === isOurs)
      .map((result) => ({ name: result.subject.subject.name, value: medianOf(result, figure) }))
    return figures.reduce((least, other) => (other.value < least.value ? other : least))
  }
  const [ours, others] = [best(true), best(false)]
  return {
    what: `${what}: the best of ours is the lowest of all`,
    measured: `${show(ours.value, decimals)} (${ours.name}) beside ${show(others.value, decimals)} (${others.name})`,
    isMet: ours.value <= others.value,
  }
}
