import { show } from '../figures.js'
import type { Goal } from '../goals.js'
import { carefulByHand, getBufferByHand, guideByHand } from './by-hand.js'
import { constantInFront, expressConstant } from './constants.js'
import { type Figure, figureOf, ratioOf } from './figures.js'
import type { Size } from './items.js'
import {
  noCache,
  oursFrontLane,
  oursFrontLaneRedis,
  oursInProcess,
  oursProcessTier,
  oursRedis,
} from './ours.js'
import { apicache, bentocache, cacheManager, typeCacheable } from './peers.js'
import type { Subject } from './subject.js'
import { type Case, caseName, type TargetResult } from './targets.js'

type Results = readonly TargetResult[]

/** Ratios of Express changed with V8: on Node 20, all that is added to its requests and responses costs more. */
const IS_NODE_20 = process.versions.node.startsWith('20.')
const USUAL_CONNECTIONS = 16
/** From here on what Redis does for a hit is mostly copying. */
const LARGE: readonly Size[] = ['12k', '50k', '200k']
/** In which tier each is compared with ours. */
const RIVALS: readonly (readonly [ours: Subject, rivals: readonly Subject[]])[] = [
  [oursRedis, [carefulByHand, guideByHand, typeCacheable]],
  [oursProcessTier, [apicache, cacheManager, bentocache]],
  [oursInProcess, [apicache, cacheManager, bentocache]],
]

export function frontGoals(results: Results, cases: readonly Case[]): Goal[] {
  return [
    ...cases.map((at) => {
      return ratioGoal(results, [oursFrontLane, constantInFront], at, 'requests/s', { least: 0.9 })
    }),
    ...cases.map((at) => {
      const least = LARGE.includes(at.size) ? 1.3 : 1.6
      return ratioGoal(results, [oursFrontLaneRedis, expressConstant], at, 'requests/s', { least })
    }),
  ]
}

export function tierGoals(results: Results, cases: readonly Case[]): Goal[] {
  return cases.map((at) => {
    return ratioGoal(results, [oursProcessTier, apicache], at, 'CPU µs', { most: IS_NODE_20 ? 1 : 0.95 })
  })
}

export function redisGoals(results: Results, cases: readonly Case[]): Goal[] {
  const usual = cases.filter(({ connections }) => connections === USUAL_CONNECTIONS)
  return [
    ...usual.map((at) => ratioGoal(results, [oursRedis, getBufferByHand], at, 'CPU µs', { most: 1.05 })),
    ...usual.map((at) => redisCpuGoal(results, at)),
    ...cases.map((at) => ratioGoal(results, [oursRedis, carefulByHand], at, 'requests/s', { least: 1.15 })),
    ...cases.map((at) => ratioGoal(results, [oursRedis, getBufferByHand], at, 'p99 ms', { most: 1.1 })),
  ]
}

export function sizeGoals(results: Results, cases: readonly Case[]): Goal[] {
  return cases.map((at) => redisCpuGoal(results, at))
}

export function peerGoals(results: Results, cases: readonly Case[]): Goal[] {
  return RIVALS.flatMap(([ours, rivals]) => {
    return rivals.flatMap((rival) => {
      return cases.flatMap((at) => [
        ratioGoal(results, [ours, rival], at, 'requests/s', { least: 1 }),
        ratioGoal(results, [ours, rival], at, 'CPU µs', { most: 1 }),
      ])
    })
  })
}

export function missGoals(results: Results, cases: readonly Case[]): Goal[] {
  const most = new Map([
    [oursRedis, 0.08],
    [oursProcessTier, 0.1],
  ])
  return [...most].flatMap(([ours, mostMs]) => {
    return cases.map((at) => {
      const [ms, withoutMs] = [ours, noCache].map((subject) => {
        return figureOf(results, subject, at, 'CPU µs') / 1_000
      }) as [number, number]
      return {
        what: `${ours.name}, ${caseName(at)}: CPU time that a miss adds: at most ${mostMs} ms`,
        measured: show(ms - withoutMs, 3),
        isMet: ms - withoutMs <= mostMs,
      }
    })
  })
}

/** Against a plain GET. */
function redisCpuGoal(results: Results, at: Case): Goal {
  const most = LARGE.includes(at.size) ? 1.1 : 0.9
  return ratioGoal(results, [oursRedis, getBufferByHand], at, 'Redis µs', { most })
}

function ratioGoal(
  results: Results,
  [of, to]: readonly [Subject, Subject],
  at: Case,
  figure: Figure,
  { least = 0, most = Number.POSITIVE_INFINITY }: { least?: number; most?: number },
): Goal {
  const ratio = ratioOf(results, [of, to], at, figure)
  const limit = least > 0 ? `at least ${least}` : `at most ${most}`
  return {
    what: `${of.name}, ${caseName(at)}: ${figure} to those of ${to.name}: ${limit}`,
    measured: show(ratio, 2),
    isMet: ratio >= least && ratio <= most,
  }
}
