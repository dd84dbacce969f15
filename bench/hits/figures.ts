import { median, ratiosOf } from '../figures.js'
import type { Subject } from './subject.js'
import { type Case, type TargetResult, windowsOf } from './targets.js'
import { bestCpuMs, type Window } from './windows.js'

/** One figure of a window, in the units that people are shown. */
export type Figure = 'requests/s' | 'CPU µs' | 'Redis µs' | 'p99 ms'

const OF_WINDOW: Readonly<Record<Figure, (window: Window) => number>> = {
  'requests/s': ({ requestsPerSecond }) => requestsPerSecond,
  'CPU µs': ({ appCpuMs }) => appCpuMs * 1_000,
  'Redis µs': ({ redisCpuMs }) => redisCpuMs * 1_000,
  'p99 ms': ({ p99Ms }) => p99Ms,
}

export const FIGURES = Object.keys(OF_WINDOW) as readonly Figure[]

/** Of each round. */
export function roundsOf(results: readonly TargetResult[], of: Subject, at: Case, figure: Figure): number[] {
  return windowsOf(results, of, at).map(OF_WINDOW[figure])
}

/** Of all rounds: of CPU time the best of them, of everything else the median. */
export function figureOf(results: readonly TargetResult[], of: Subject, at: Case, figure: Figure): number {
  const windows = windowsOf(results, of, at)
  if (figure === 'CPU µs') return bestCpuMs(windows, 'appCpuMs') * 1_000
  if (figure === 'Redis µs') return bestCpuMs(windows, 'redisCpuMs') * 1_000
  return median(windows.map(OF_WINDOW[figure]))
}

/** To another subject: of CPU time the ratio of the best, of everything else the median of those within each round. */
export function ratioOf(
  results: readonly TargetResult[],
  [of, to]: readonly [of: Subject, to: Subject],
  at: Case,
  figure: Figure,
): number {
  if (figure === 'CPU µs' || figure === 'Redis µs')
    return figureOf(results, of, at, figure) / figureOf(results, to, at, figure)
  return median(ratiosOf(roundsOf(results, of, at, figure), roundsOf(results, to, at, figure)))
}
