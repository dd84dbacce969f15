import { median, percentile, sum } from '../figures.js'
import type { Result } from '../rounds.js'
import type { Outcome } from './ask.js'
import type { Part, Round } from './measure.js'
import type { RunningSubject, Usage } from './running-subject.js'

export type LifeResult = Result<RunningSubject, Round>

/** One figure of each round. */
export type Figure = (round: Round) => number

export const requestsPerSecond: Figure = ({ closed }) => closed.outcomes.length / closed.seconds
export const p50: Figure = ({ paced }) => latency(paced, 0.5)
export const p99: Figure = ({ paced }) => latency(paced, 0.99)
export const databaseCalls: Figure = ({ closed, paced }) => perThousand([closed, paced], 'databaseCalls')
export const appCpu: Figure = ({ paced }) => perThousand([paced], 'appCpuMs')
export const redisCpu: Figure = ({ paced }) => perThousand([paced], 'redisCpuMs')

/** The middle one of the rounds. */
export function medianOf({ rounds }: LifeResult, figure: Figure): number {
  return median(rounds.map(figure))
}

export function latency({ outcomes }: Part, share: number): number {
  return percentile(
    outcomes.map(({ ms }) => ms).sort((a, b) => a - b),
    share,
  )
}

export function staleIn(parts: readonly Part[]): number {
  return countOf(parts, ({ isStale }) => isStale)
}

export function errorsIn(parts: readonly Part[]): number {
  return countOf(parts, ({ isError }) => isError)
}

export function partsOf({ rounds }: LifeResult): Part[] {
  return rounds.flatMap(({ closed, paced }) => [closed, paced])
}

/** Of so many requests. */
function perThousand(parts: readonly Part[], what: keyof Usage): number {
  const used = sum(parts.map(({ before, after }) => after[what] - before[what]))
  return (used / sum(parts.map(({ outcomes }) => outcomes.length))) * 1_000
}

function countOf(parts: readonly Part[], isMeant: (outcome: Outcome) => boolean): number {
  return sum(parts.map(({ outcomes }) => outcomes.filter(isMeant).length))
}
