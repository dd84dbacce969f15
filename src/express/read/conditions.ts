import type { Request, Response } from 'express'
import { type Conditions, isUnchanged } from '../../http/conditions.js'

/**
 * Takes the conditions off a request, so that its handler answers in full and the answer can be stored. The
 * cache judges them itself, for hits and misses alike.
 */
export function takeConditions(req: Request): Conditions {
  const { 'if-none-match': match, 'if-modified-since': since, 'cache-control': control } = req.headers
  delete req.headers['if-none-match']
  delete req.headers['if-modified-since']
  return { 'if-none-match': match, 'if-modified-since': since, 'cache-control': control }
}

/** Makes the head on a response say 304 where the conditions allow it. @returns The body to send. */
export function applyConditions(res: Response, body: Buffer, conditions: Conditions): Buffer {
  if (!isUnchanged(conditions, res.statusCode, (name) => res.getHeader(name))) return body
  res.statusCode = 304
  removeBodyHeaders(res)
  return Buffer.alloc(0)
}

/** Removes what a head says of a body that is not sent. */
export function removeBodyHeaders(res: Response): void {
  for (const name of OF_A_BODY) res.removeHeader(name)
}

const OF_A_BODY = ['Content-Type', 'Content-Length', 'Transfer-Encoding'] as const
