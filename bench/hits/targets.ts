import type { Result } from '../rounds.js'
import { nameOf, type Size } from './items.js'
import type { RunningSubject } from './running-subject.js'
import type { Subject } from './subject.js'
import type { Window } from './windows.js'

/** What subjects are compared at. */
export interface Case {
  readonly size: Size
  readonly connections: number
}

/** What is measured by itself: a subject that is asked for one thing. */
export interface Target extends Case {
  readonly running: RunningSubject
  readonly path: string
}

export type TargetResult = Result<Target, Window>

export function windowsOf(
  results: readonly TargetResult[],
  wanted: Subject,
  { size, connections }: Case,
): readonly Window[] {
  const found = results.find(({ subject: target }) => {
    return target.running.subject === wanted && target.size === size && target.connections === connections
  })
  return found?.rounds ?? []
}

/** For people. */
export function caseName({ size, connections }: Case): string {
  return `${nameOf(size)}, ${connections} ${connections === 1 ? 'connection' : 'connections'}`
}
