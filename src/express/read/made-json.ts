import type { Response } from 'express'
import { setMethod } from '../../tools/set-method.js'

/** What is known of a body because `res.json` has made it. */
export interface MadeJson {
  /** Whether an `ETag` that the response has by now is Express's own: it had none before, and nobody wraps `res.send`. */
  readonly isTagMade: boolean
}

/**
 * Follows whether `res.json` is at work: what a response is given meanwhile is JSON, and to parse it once more takes
 * longer than anything else that is done to store a long answer.
 *
 * @returns A function that gives what is known while it is at work.
 */
export function followJson(res: Response): () => MadeJson | null {
  const { json } = res
  let atWork: MadeJson | null = null
  if (typeof json !== 'function') return () => null
  setMethod(res, 'json', function makeJson(this: Response, ...args: unknown[]) {
    atWork = { isTagMade: !res.hasHeader('ETag') && !Object.hasOwn(res, 'send') }
    try {
      return Reflect.apply(json, this, args)
    } finally {
      atWork = null
    }
  } as typeof res.json)
  return () => atWork
}
