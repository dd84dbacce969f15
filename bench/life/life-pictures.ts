import { median, ratiosOf } from '../figures.js'
import type { BarChart } from '../pictures/chart.js'
import { carefulByHand } from './by-hand.js'
import {
  appCpu,
  databaseCalls,
  type Figure,
  type LifeResult,
  p99,
  partsOf,
  redisCpu,
  requestsPerSecond,
  staleIn,
} from './life-figures.js'
import type { Frozen } from './life-tables.js'

const GROUPS: readonly (readonly [name: string, figure: Figure])[] = [
  ['requests per second, as fast as it goes: more is better', requestsPerSecond],
  ['p99 at a fixed rate: less is better', p99],
  ['database calls: less is better', databaseCalls],
  ['CPU time of the app: less is better', appCpu],
  ['CPU time of Redis: less is better', redisCpu],
]

/** All figures on one scale: as parts of what careful code by hand has. */
export function ratioChart(results: readonly LifeResult[]): BarChart | undefined {
  const reference = results.find(({ subject }) => subject.subject === carefulByHand)
  if (!reference) return undefined
  return {
    kind: 'bars',
    title: 'Under a load like life, beside careful hand-written code',
    unit: '×',
    groups: GROUPS.map(([name, figure]) => ({
      name,
      bars: results.map(({ subject, rounds }) => {
        const ratios = ratiosOf(rounds.map(figure), reference.rounds.map(figure))
        return {
          name: subject.subject.name,
          value: median(ratios),
          low: Math.min(...ratios),
          high: Math.max(...ratios),
        }
      }),
    })),
  }
}

export function staleChart(results: readonly LifeResult[], frozen: readonly Frozen[]): BarChart {
  return {
    kind: 'bars',
    title: 'Stale answers under a load like life',
    unit: '',
    groups: [
      {
        name: 'while all is well',
        bars: results.map((result) => ({
          name: result.subject.subject.name,
          value: staleIn(partsOf(result)),
        })),
      },
      {
        name: 'Redis stands still for two seconds',
        bars: frozen.map(({ running, part }) => ({ name: running.subject.name, value: staleIn([part]) })),
      },
    ],
  }
}
