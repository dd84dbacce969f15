import type { RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'

const MINUTE_MS = 60_000

/** What hashes a password for anybody who asks. */
export const SIGN_IN_PATHS = ['/api/auth/login', '/api/auth/register']

/**
 * Answers 429 to an address that has failed to sign in, or registered, too often within a minute. Those who sign in with
 * the right password do not count.
 */
export function limitSignIns(perMinute: number): RequestHandler {
  return rateLimit({
    windowMs: MINUTE_MS,
    limit: perMinute,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    requestWasSuccessful: (_req, { statusCode }) => statusCode === 200,
    skipSuccessfulRequests: true,
    handler: (_req, res) => {
      res.set('Cache-Control', 'no-store').status(429)
      res.json({ error: 'Too many attempts to sign in: wait a minute' })
    },
  })
}
