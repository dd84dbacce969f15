import type { Response } from 'express'
import { setMethod } from '../../tools/set-method.js'

/**
 * Follows whether `res.json` is at work: what a response is given meanwhile is JSON, and to parse it once more takes
 * longer than anything else that is done to store a long answer.
 */
export function followJson(res: Response): () => boolean {
  const { json } = res
  let isAtWork = false
  if (typeof json !== 'function') return () => false
  setMethod(res, 'json', function makeJson(this: Response, ...args: unknown[]) {
    isAtWork = true
    try {
      return Reflect.apply(json, this, args)
    } finally {
      isAtWork = false
    }
  } as typeof res.json)
  return () => isAtWork
}
