import { ratiosOf, show, showRange } from '../figures.js'
import { tableOf } from '../table.js'
import { type Figure, figureOf, ratioOf, roundsOf } from './figures.js'
import type { Subject } from './subject.js'
import { type Case, caseName, type TargetResult } from './targets.js'

/** What the ratios of a table are to: requests per second, and all the others. */
export interface References {
  readonly speed: Subject
  readonly others: Subject
}

const OTHER_FIGURES: readonly Figure[] = ['CPU µs', 'Redis µs', 'p99 ms']

/** The subjects in one case: each figure, and its ratio to a reference, for requests per second with the range of the rounds. */
export function windowTable(
  results: readonly TargetResult[],
  subjects: readonly Subject[],
  { speed, others }: References,
  at: Case,
): string {
  const rows = subjects.map((subject) => [
    subject.name,
    show(figureOf(results, subject, at, 'requests/s')),
    subject === speed ? '1' : showRange(speedsOf(results, [subject, speed], at), 2),
    ...OTHER_FIGURES.flatMap((figure) => [
      show(figureOf(results, subject, at, figure), 1),
      subject === others ? '1' : show(ratioOf(results, [subject, others], at, figure), 2),
    ]),
  ])
  const head = [caseName(at), 'requests/s', 'ratio', ...OTHER_FIGURES.flatMap((figure) => [figure, 'ratio'])]
  return tableOf(head, rows)
}

function speedsOf(
  results: readonly TargetResult[],
  [of, to]: readonly [Subject, Subject],
  at: Case,
): number[] {
  return ratiosOf(roundsOf(results, of, at, 'requests/s'), roundsOf(results, to, at, 'requests/s'))
}
