import { ratiosOf, show, showRange } from '../figures.js'
import { tableOf } from '../table.js'
import type { Size } from './items.js'
import type { Subject } from './subject.js'
import { type TargetResult, windowsOf } from './targets.js'
import { bestCpuMs, medianOf } from './windows.js'

/** The subjects at one size: medians of the rounds, and ratios to a reference within them. */
export function windowTable(
  results: readonly TargetResult[],
  subjects: readonly Subject[],
  reference: Subject,
  size: Size,
): string {
  const references = windowsOf(results, reference, size)
  const rows = subjects.map((subject) => {
    const windows = windowsOf(results, subject, size)
    const [speeds, referenceSpeeds] = [windows, references].map((windows) => {
      return windows.map(({ requestsPerSecond }) => requestsPerSecond)
    }) as [number[], number[]]
    return [
      subject.name,
      show(medianOf(windows, 'requestsPerSecond')),
      subject === reference ? '1' : showRange(ratiosOf(speeds, referenceSpeeds), 2),
      show(bestCpuMs(windows) * 1_000, 1),
      subject === reference ? '1' : show(bestCpuMs(windows) / bestCpuMs(references), 2),
      show(medianOf(windows, 'p99Ms'), 1),
    ]
  })
  return tableOf([LABELS[size], 'requests/s', 'ratio', 'CPU µs per request', 'ratio', 'p99 ms'], rows)
}

const LABELS: Readonly<Record<Size, string>> = { '600': '600 bytes', '12k': '12 kB' }
