import type { Result } from '../rounds.js'
import { SIZES, type Size } from './items.js'
import type { RunningSubject } from './running-subject.js'
import type { Subject } from './subject.js'
import type { Window } from './windows.js'

/** What is measured by itself: a subject that is asked for one thing. */
export interface Target {
  readonly running: RunningSubject
  readonly size: Size
  readonly path: string
}

export type TargetResult = Result<Target, Window>

/** Those of some of the subjects, one size after the other. */
export function targetsOf(
  running: readonly RunningSubject[],
  subjects: readonly Subject[],
  pathOf: (size: Size) => string,
): Target[] {
  return SIZES.flatMap((size) => {
    return subjects.flatMap((wanted) => {
      const found = running.filter(({ subject }) => subject === wanted)
      return found.map((running) => ({ running, size, path: pathOf(size) }))
    })
  })
}

export function windowsOf(
  results: readonly TargetResult[],
  wanted: Subject,
  wantedSize: Size,
): readonly Window[] {
  const found = results.find(({ subject: { running, size } }) => {
    return running.subject === wanted && size === wantedSize
  })
  return found?.rounds ?? []
}
