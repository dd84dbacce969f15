import { show } from '../figures.js'
import type { Goal } from '../goals.js'
import { carefulByHand, getBufferByHand, guideByHand } from './by-hand.js'
import { constantInFront, expressConstant } from './constants.js'
import { type Figure, figureOf, ratioOf } from './figures.js'
import { noCache } from './fresh.js'
import { SIZES, type Size } from './items.js'
import { oursFrontLane, oursFrontLaneRedis, oursInProcess, oursProcessTier, oursRedis } from './ours.js'
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
    ratioGoal(results, [oursFrontLane, constantInFront], cases, 'requests/s', { least: 0.9 }),
    ...cases.map((at) => {
      const least = LARGE.includes(at.size) ? 1.3 : 1.6
      return ratioGoal(results, [oursFrontLaneRedis, expressConstant], [at], 'requests/s', { least })
    }),
  ]
}

export function tierGoals(results: Results, cases: readonly Case[]): Goal[] {
  return [ratioGoal(results, [oursProcessTier, apicache], cases, 'CPU µs', { most: IS_NODE_20 ? 1 : 0.95 })]
}

export function redisGoals(results: Results, cases: readonly Case[]): Goal[] {
  const usual = cases.filter(({ connections }) => connections === USUAL_CONNECTIONS)
  const rest = SIZES.flatMap((wanted) => {
    const ofSize = cases.filter(({ size }) => size === wanted)
    if (ofSize.length === 0) return []
    return [
      ratioGoal(results, [oursRedis, carefulByHand], ofSize, 'requests/s', { least: 1.15 }),
      ratioGoal(results, [oursRedis, getBufferByHand], ofSize, 'p99 ms', { most: 1.1 }),
    ]
  })
  return [
    ratioGoal(results, [oursRedis, getBufferByHand], usual, 'CPU µs', { most: 1.05 }),
    ...sizeGoals(results, usual),
    ...rest,
  ]
}

/** What Redis does, against a plain GET. */
export function sizeGoals(results: Results, cases: readonly Case[]): Goal[] {
  const large = cases.filter(({ size }) => LARGE.includes(size))
  const small = cases.filter(({ size }) => !LARGE.includes(size))
  return [
    ratioGoal(results, [oursRedis, getBufferByHand], small, 'Redis µs', { most: 0.9 }),
    ratioGoal(results, [oursRedis, getBufferByHand], large, 'Redis µs', { most: 1.1 }),
  ]
}

export function peerGoals(results: Results, cases: readonly Case[]): Goal[] {
  return RIVALS.flatMap(([ours, rivals]) => {
    return rivals.flatMap((rival) => [
      ratioGoal(results, [ours, rival], cases, 'requests/s', { least: 1 }),
      ratioGoal(results, [ours, rival], cases, 'CPU µs', { most: 1 }),
    ])
  })
}

export function missGoals(results: Results, cases: readonly Case[]): Goal[] {
  const limits = [
    [oursRedis, 0.08],
    [oursProcessTier, 0.1],
  ] as const
  return limits.map(([ours, mostMs]) => {
    const added = cases.map((at) => {
      const [us, withoutUs] = [ours, noCache].map((subject) => figureOf(results, subject, at, 'CPU µs'))
      return ((us as number) - (withoutUs as number)) / 1_000
    })
    return goalAt(cases, `${ours.name}: CPU time that a miss adds: at most ${mostMs} ms`, added, {
      most: mostMs,
      decimals: 3,
    })
  })
}

interface Limits {
  readonly least?: number
  readonly most?: number
  readonly decimals?: number
}

function ratioGoal(
  results: Results,
  [of, to]: readonly [Subject, Subject],
  cases: readonly Case[],
  figure: Figure,
  limits: Limits,
): Goal {
  const ratios = cases.map((at) => ratioOf(results, [of, to], at, figure))
  const limit = limits.least === undefined ? `at most ${limits.most}` : `at least ${limits.least}`
  return goalAt(cases, `${of.name}: ${figure} to that of ${to.name}: ${limit}`, ratios, limits)
}

/** One that is to be met in all these cases. */
function goalAt(
  cases: readonly Case[],
  what: string,
  figures: readonly number[],
  { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, decimals = 2 }: Limits,
): Goal {
  return {
    what: `${what} (${cases.map(caseName).join('; ')})`,
    measured: figures.map((figure) => show(figure, decimals)).join(', '),
    isMet: figures.every((figure) => figure >= least && figure <= most),
  }
}
