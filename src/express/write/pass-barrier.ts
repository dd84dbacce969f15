import type { ServerResponse } from 'node:http'
import type { FollowedDatabase } from '../../dependencies/followed-database.js'
import { EVICTION_KEPT, FOLLOWER_LATE } from '../../http/cache-status.js'
import type { MiddlewareContext } from '../context.js'
import type { Field } from './hold-response.js'

/**
 * Lets the answer of a write wait until all that the databases have committed by now is evicted, or is going to be before
 * anybody reads.
 *
 * @returns What its answer has to say of that.
 */
export async function passBarrier(
  databases: readonly FollowedDatabase[],
  { barrier, engine }: Pick<MiddlewareContext, 'barrier' | 'engine'>,
  res: ServerResponse,
): Promise<Field | undefined> {
  // Where nobody gets an answer, nobody reads after it.
  const isInTime = res.closed || (await barrier.passed(databases))
  if (engine.pendingEvictions > 0) return ['Cache-Status', EVICTION_KEPT]
  return isInTime ? undefined : ['Cache-Status', FOLLOWER_LATE]
}
