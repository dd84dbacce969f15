import type { Goal } from '../goals.js'
import {
  carefulByHand,
  getBufferByHand,
  getBufferInFront,
  guideByHand,
  mapByHand,
  mapWithHead,
} from './by-hand.js'
import { bareNode, constantInFront, expressConstant, hitInFront } from './constants.js'
import { freshPathOf, noCache } from './fresh.js'
import { frontGoals, missGoals, peerGoals, redisGoals, sizeGoals, tierGoals } from './hit-goals.js'
import { pathOf, SIZES, type Size, USUAL_SIZES } from './items.js'
import { oursFrontLane, oursFrontLaneRedis, oursInProcess, oursProcessTier, oursRedis } from './ours.js'
import { apicache, bentocache, cacheManager, typeCacheable } from './peers.js'
import type { Subject } from './subject.js'
import type { Case, TargetResult } from './targets.js'
import type { References } from './window-table.js'

/** Subjects that are measured beside each other; what is compared is in one part. */
export interface Part {
  readonly name: string
  readonly title: string
  readonly subjects: readonly Subject[]
  readonly references: References
  readonly sizes: readonly Size[]
  readonly connections: readonly number[]
  readonly rounds: number
  readonly windowMs: number
  readonly pathOf: (size: Size) => string
  /** Whether nothing may be made anew while it is measured. */
  readonly areHits: boolean
  readonly goals: (results: readonly TargetResult[], cases: readonly Case[]) => Goal[]
}

const USUAL = {
  ...{ sizes: USUAL_SIZES, connections: [16], pathOf, areHits: true },
  // Short, so that all have their share of the machine's bad moments, and many have none.
  ...{ rounds: 20, windowMs: 400 },
}
/** Where not all use Redis, its time is compared with nothing. */
const referencesTo = (subject: Subject): References => ({
  'requests/s': subject,
  'CPU µs': subject,
  'p99 ms': subject,
})
const TO_EXPRESS = referencesTo(expressConstant)
const TO_BY_HAND: References = {
  ...referencesTo(getBufferByHand),
  'requests/s': carefulByHand,
  'Redis µs': getBufferByHand,
}

export const PARTS: readonly Part[] = [
  {
    ...USUAL,
    name: 'peers',
    title: 'A hit beside what users would pick instead',
    subjects: [
      ...[expressConstant, oursFrontLane, oursFrontLaneRedis, oursProcessTier, oursInProcess],
      ...[apicache, cacheManager, bentocache, oursRedis, carefulByHand, guideByHand, typeCacheable],
    ],
    references: TO_EXPRESS,
    rounds: 15,
    goals: peerGoals,
  },
  {
    ...USUAL,
    name: 'redis',
    title: 'A hit from Redis beside what is written by hand',
    subjects: [oursRedis, getBufferByHand, carefulByHand],
    references: TO_BY_HAND,
    connections: [1, 16, 64],
    goals: redisGoals,
  },
  {
    ...USUAL,
    name: 'sizes',
    title: 'A hit from Redis by its size',
    subjects: [oursRedis, getBufferByHand, carefulByHand],
    references: TO_BY_HAND,
    sizes: SIZES,
    rounds: 12,
    goals: sizeGoals,
  },
  {
    ...USUAL,
    name: 'front',
    title: 'A hit in front of the app beside what no cache can be faster than',
    subjects: [
      ...[bareNode, constantInFront, hitInFront, oursFrontLane],
      ...[getBufferInFront, oursFrontLaneRedis, expressConstant],
    ],
    references: TO_EXPRESS,
    goals: frontGoals,
  },
  {
    ...USUAL,
    name: 'tier',
    title: 'A hit from memory beside the least that an app can do',
    subjects: [expressConstant, oursProcessTier, oursInProcess, apicache, mapByHand, mapWithHead],
    references: TO_EXPRESS,
    goals: tierGoals,
  },
  {
    ...USUAL,
    name: 'misses',
    title: 'A miss beside no cache',
    subjects: [noCache, oursRedis, oursProcessTier, oursInProcess, carefulByHand],
    references: referencesTo(noCache),
    pathOf: freshPathOf,
    areHits: false,
    // V8 makes room for new objects as it finds that it needs it, which takes a part of a second.
    ...{ rounds: 8, windowMs: 1_000 },
    goals: missGoals,
  },
]

/** All that are measured anywhere. */
export const SUBJECTS: readonly Subject[] = [...new Set(PARTS.flatMap(({ subjects }) => subjects))]
