import { ratiosOf, show, showRange } from '../figures.js'
import { tableOf } from '../table.js'
import { FIGURES, type Figure, figureOf, ratioOf, roundsOf } from './figures.js'
import type { Subject } from './subject.js'
import { type Case, caseName, type TargetResult } from './targets.js'

/** What the ratios of a table are to; none where there is nothing to compare with. */
export type References = Readonly<Partial<Record<Figure, Subject>>>

/** The subjects in one case: each figure, and its ratio to a reference, for requests per second with the range of the rounds. */
export function windowTable(
  results: readonly TargetResult[],
  subjects: readonly Subject[],
  references: References,
  at: Case,
): string {
  const rows = subjects.map((subject) => {
    const figures = FIGURES.flatMap((figure) => {
      const value = figureOf(results, subject, at, figure)
      const ratio = shownRatio(results, [subject, references[figure]], at, figure)
      return [show(value, figure === 'requests/s' ? 0 : 1), ratio]
    })
    return [subject.name, ...figures]
  })
  return tableOf([caseName(at), ...FIGURES.flatMap((figure) => [figure, 'ratio'])], rows)
}

/** Which subject the ratios of which figures are to, for people. */
export function referencesText(references: References): string {
  const subjects = [...new Set(Object.values(references))]
  const texts = subjects.map((subject) => {
    const figures = FIGURES.filter((figure) => references[figure] === subject)
    return `of ${figures.join(', ')} to ${subject.name}`
  })
  return `Ratios ${texts.join('; ')}`
}

function shownRatio(
  results: readonly TargetResult[],
  [of, to]: readonly [Subject, Subject | undefined],
  at: Case,
  figure: Figure,
): string {
  if (!to) return '–'
  if (of === to) return '1'
  if (figure !== 'requests/s') return show(ratioOf(results, [of, to], at, figure), 2)
  return showRange(ratiosOf(roundsOf(results, of, at, figure), roundsOf(results, to, at, figure)), 2)
}
