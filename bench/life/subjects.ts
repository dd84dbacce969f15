import { carefulByHand, guideByHand } from './by-hand.js'
import { oursCompressed, oursFrontLane, oursProcessTier, oursRedis } from './ours.js'
import { apicache, bentocache, cacheManager, typeCacheable } from './peers.js'
import type { Subject } from './subject.js'

export const OURS: readonly Subject[] = [oursRedis, oursFrontLane, oursProcessTier, oursCompressed]

/** Those of ours that promise it for all processes: copies in another process may be old for a moment. */
export const TRUE_EVERYWHERE: readonly Subject[] = [oursRedis, oursFrontLane, oursCompressed]

export const SUBJECTS: readonly Subject[] = [
  ...OURS,
  carefulByHand,
  bentocache,
  cacheManager,
  typeCacheable,
  apicache,
  guideByHand,
]
