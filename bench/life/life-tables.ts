import { show, showRange } from '../figures.js'
import { tableOf } from '../table.js'
import {
  appCpu,
  databaseCalls,
  errorsIn,
  type Figure,
  type LifeResult,
  latency,
  medianOf,
  p50,
  p99,
  partsOf,
  redisCpu,
  requestsPerSecond,
  staleIn,
} from './life-figures.js'
import type { Part } from './measure.js'
import type { RunningSubject } from './running-subject.js'

/** How a set-up bore that Redis stood still. */
export interface Frozen {
  readonly running: RunningSubject
  readonly part: Part
}

const COLUMNS: readonly (readonly [head: string, figure: Figure, decimals: number])[] = [
  ['requests/s', requestsPerSecond, 0],
  ['p50 ms', p50, 1],
  ['p99 ms', p99, 1],
  ['database calls per 1,000', databaseCalls, 0],
  ['app CPU ms per 1,000', appCpu, 0],
  ['Redis CPU ms per 1,000', redisCpu, 0],
]

/** Medians of the rounds; requests per second and p99 with the lowest and the highest. */
export function lifeTable(results: readonly LifeResult[]): string {
  const rows = results.map((result) => {
    const figures = COLUMNS.map(([, figure, decimals]) => {
      const isSpread = figure === requestsPerSecond || figure === p99
      return isSpread
        ? showRange(result.rounds.map(figure), decimals)
        : show(medianOf(result, figure), decimals)
    })
    const parts = partsOf(result)
    const last = parts.at(-1)?.after
    return [
      result.subject.subject.name,
      ...figures,
      show((last?.redisBytes ?? Number.NaN) / 1e6),
      show(last?.redisKeys ?? Number.NaN),
      show(staleIn(parts)),
      show(errorsIn(parts)),
    ]
  })
  const heads = COLUMNS.map(([head]) => head)
  return tableOf(['set-up', ...heads, 'Redis MB', 'keys in it', 'stale answers', 'errors'], rows)
}

export function freezeTable(frozen: readonly Frozen[]): string {
  const rows = frozen.map(({ running, part }) => [
    running.subject.name,
    show(errorsIn([part])),
    show(latency(part, 1)),
    show(latency(part, 0.99), 1),
    show(staleIn([part])),
  ])
  return tableOf(['set-up', 'errors', 'longest wait ms', 'p99 ms', 'stale answers'], rows)
}
