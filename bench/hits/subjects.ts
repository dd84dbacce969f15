import { carefulByHand, getBufferByHand, guideByHand } from './by-hand.js'
import { bareNode, constantInFront, expressConstant } from './constants.js'
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

/** Those that answer hits, as the tables list them. */
export const HIT_SUBJECTS: readonly Subject[] = [
  bareNode,
  constantInFront,
  oursFrontLane,
  oursFrontLaneRedis,
  expressConstant,
  oursProcessTier,
  oursInProcess,
  apicache,
  cacheManager,
  bentocache,
  oursRedis,
  getBufferByHand,
  carefulByHand,
  guideByHand,
  typeCacheable,
]

/** Those that make their answers each time; the first is what the others are compared with. */
export const MISS_SUBJECTS: readonly Subject[] = [noCache, oursProcessTier, oursInProcess, oursRedis]

export const SUBJECTS: readonly Subject[] = [...new Set([...HIT_SUBJECTS, ...MISS_SUBJECTS])]
