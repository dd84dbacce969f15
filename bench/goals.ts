import { tableOf } from './table.js'

/** What a bench shall show. A missed one is said, and is no failure of the bench. */
export interface Goal {
  readonly what: string
  readonly measured: string
  readonly isMet: boolean
}

export function goalTable(goals: readonly Goal[]): string {
  return tableOf(
    ['goal', 'measured', 'met'],
    goals.map(({ what, measured, isMet }) => [what, measured, isMet ? 'yes' : 'no']),
  )
}
