import type { Chart } from '../pictures/chart.js'
import { type Figure, figureOf, roundsOf } from './figures.js'
import { textOf } from './items.js'
import type { PartResult } from './run-part.js'
import { caseName } from './targets.js'

/** CPU time and requests per second: as bars, or as curves where there are many sizes. */
export function hitPictures(result: PartResult): Chart[] {
  const { part } = result
  if (part.sizes.length > 2) {
    const figures: readonly Figure[] = ['CPU µs', 'Redis µs', 'requests/s', 'p99 ms']
    return figures.map((figure) => curvesOf(result, figure))
  }
  return [
    barsOf(result, 'CPU µs', `${part.title}: CPU time of the app`, false),
    barsOf(result, 'requests/s', `${part.title}: requests per second`, true),
  ]
}

function barsOf(
  { part, cases, results }: PartResult,
  figure: Figure,
  title: string,
  hasRange: boolean,
): Chart {
  const groups = cases.map((at) => ({
    name: caseName(at),
    bars: part.subjects.map((subject) => {
      const rounds = roundsOf(results, subject, at, figure)
      return {
        name: subject.name,
        value: figureOf(results, subject, at, figure),
        ...(hasRange ? { low: Math.min(...rounds), high: Math.max(...rounds) } : {}),
      }
    }),
  }))
  return { kind: 'bars', title, unit: figure === 'CPU µs' ? 'µs' : '/s', groups }
}

function curvesOf({ part, cases, results }: PartResult, figure: Figure): Chart {
  const what = { 'CPU µs': 'CPU µs of the app', 'Redis µs': 'CPU µs of Redis' }[figure as string] ?? figure
  const lines = part.subjects.map((subject) => ({
    name: subject.name,
    points: cases.map(
      (at) => [textOf(at.size).length / 1_000, figureOf(results, subject, at, figure)] as const,
    ),
  }))
  return {
    kind: 'lines',
    title: `${part.title}: ${what}`,
    x: { name: 'kB', isLog: true },
    y: { name: what, isLog: true },
    lines,
  }
}
