import { median, ratiosOf, show } from '../figures.js'
import type { Goal } from '../goals.js'
import { carefulByHand, getBufferByHand, guideByHand } from './by-hand.js'
import { constantInFront, expressConstant } from './constants.js'
import { SIZES, type Size } from './items.js'
import { noCache, oursFrontLane, oursInProcess, oursProcessTier, oursRedis } from './ours.js'
import { apicache, bentocache, cacheManager, typeCacheable } from './peers.js'
import type { Subject } from './subject.js'
import { type TargetResult, windowsOf } from './targets.js'
import { bestCpuMs, type Window } from './windows.js'

const LEAST_SPEED_TO_EXPRESS = 4
const LEAST_SPEED_TO_FRONT = 0.75
const MOST_CPU_TO_EXPRESS = 1
const MOST_CPU_TO_GET_BUFFER = 1.1
const MOST_ADDED_MS = 0.3
/** In which tier each is compared with ours. */
const RIVALS: readonly (readonly [ours: Subject, rivals: readonly Subject[]])[] = [
  [oursRedis, [carefulByHand, guideByHand, typeCacheable]],
  [oursProcessTier, [apicache, cacheManager, bentocache]],
  [oursInProcess, [apicache, cacheManager, bentocache]],
]

/** What the hits under a usual load shall show. */
export function hitGoals(hits: readonly TargetResult[]): Goal[] {
  return [
    speedGoal(hits, oursFrontLane, expressConstant, LEAST_SPEED_TO_EXPRESS),
    speedGoal(hits, oursFrontLane, constantInFront, LEAST_SPEED_TO_FRONT),
    goalAtEachSize({
      what: `${oursProcessTier.name}: CPU time to that of ${expressConstant.name}: at most ${MOST_CPU_TO_EXPRESS}`,
      figure: (size) => cpuRatio(hits, oursProcessTier, expressConstant, size),
      isMet: (ratio) => ratio <= MOST_CPU_TO_EXPRESS,
    }),
    goalAtEachSize({
      what: `${oursRedis.name}: CPU time to that of ${getBufferByHand.name}: at most ${MOST_CPU_TO_GET_BUFFER}`,
      figure: (size) => cpuRatio(hits, oursRedis, getBufferByHand, size),
      isMet: (ratio) => ratio <= MOST_CPU_TO_GET_BUFFER,
    }),
    ...RIVALS.flatMap(([ours, rivals]) => rivals.flatMap((rival) => aheadGoals(hits, ours, rival))),
  ]
}

/** What the hits under many connections shall show. */
export function latencyGoals(crowded: readonly TargetResult[], connections: number): Goal[] {
  return [carefulByHand, guideByHand].map((rival) =>
    goalAtEachSize({
      what: `${oursRedis.name}: p99 under ${connections} connections to that of ${rival.name}: at most 1`,
      figure: (size) => medianRatio(crowded, oursRedis, rival, size, 'p99Ms'),
      isMet: (ratio) => ratio <= 1,
    }),
  )
}

/** What the misses shall show. */
export function missGoals(misses: readonly TargetResult[]): Goal[] {
  return [oursRedis, oursProcessTier, oursInProcess].map((ours) =>
    goalAtEachSize({
      what: `${ours.name}: CPU time that a miss adds, in ms: at most ${MOST_ADDED_MS}`,
      figure: (size) =>
        bestCpuMs(windowsOf(misses, ours, size)) - bestCpuMs(windowsOf(misses, noCache, size)),
      isMet: (addedMs) => addedMs <= MOST_ADDED_MS,
    }),
  )
}

function speedGoal(hits: readonly TargetResult[], ours: Subject, to: Subject, least: number): Goal {
  return goalAtEachSize({
    what: `${ours.name}: requests/s to those of ${to.name}: at least ${least}`,
    figure: (size) => medianRatio(hits, ours, to, size, 'requestsPerSecond'),
    isMet: (ratio) => ratio >= least,
  })
}

function aheadGoals(hits: readonly TargetResult[], ours: Subject, rival: Subject): Goal[] {
  return [
    goalAtEachSize({
      what: `${ours.name}: requests/s to those of ${rival.name}: more than 1`,
      figure: (size) => medianRatio(hits, ours, rival, size, 'requestsPerSecond'),
      isMet: (ratio) => ratio > 1,
    }),
    goalAtEachSize({
      what: `${ours.name}: CPU time to that of ${rival.name}: less than 1`,
      figure: (size) => cpuRatio(hits, ours, rival, size),
      isMet: (ratio) => ratio < 1,
    }),
  ]
}

function goalAtEachSize({
  what,
  figure,
  isMet,
}: {
  what: string
  figure: (size: Size) => number
  isMet: (figure: number) => boolean
}): Goal {
  const figures = SIZES.map(figure)
  return {
    what,
    measured: figures.map((figure) => show(figure, 2)).join(' and '),
    isMet: figures.every(isMet),
  }
}

function cpuRatio(results: readonly TargetResult[], of: Subject, to: Subject, size: Size): number {
  return bestCpuMs(windowsOf(results, of, size)) / bestCpuMs(windowsOf(results, to, size))
}

/** Of windows that followed each other. */
function medianRatio(
  results: readonly TargetResult[],
  of: Subject,
  to: Subject,
  size: Size,
  figure: keyof Window,
): number {
  const [figures, references] = [of, to].map((subject) => {
    return windowsOf(results, subject, size).map((window) => window[figure])
  }) as [number[], number[]]
  return median(ratiosOf(figures, references))
}
