import type { Demo } from './demo-handle.js'
import { drive, type Round } from './drive.js'
import type { Walk } from './walks.js'

/** What one demo did in all its rounds. */
export interface Result {
  readonly demo: Demo
  readonly rounds: readonly Round[]
}

export interface RoundsOptions {
  readonly rounds: number
  /** How long each demo is driven in each round. */
  readonly seconds: number
  /** Told how each round went, in the order of the demos. */
  readonly onRound?: (number: number, rounds: readonly Round[]) => void
}

/** Drives the demos in turn, A B C, A B C, …: what slows the machine down for a while then slows all of them. */
export async function runRounds(
  demos: readonly Demo[],
  walks: readonly Walk[],
  { rounds, seconds, onRound }: RoundsOptions,
): Promise<Result[]> {
  const results = demos.map((demo) => ({ demo, rounds: [] as Round[] }))
  for (let number = 1; number <= rounds; number++) {
    for (const { demo, rounds } of results) rounds.push(await drive(demo, walks, seconds))
    onRound?.(
      number,
      results.map(({ rounds }) => rounds.at(-1) as Round),
    )
  }
  return results
}
