import type { IncomingMessage } from 'node:http'
import { Refusal } from './refusal.js'

const MEND = 'Use the page of the dashboard itself.'

/**
 * Refuses what another site has made a browser send. A form can send neither the type nor the header; where CORS allows both to
 * everybody, the browser says whence it comes.
 *
 * @throws Refusal
 */
export function refuseForged({ headers }: IncomingMessage): void {
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    throw new Refusal(415, 'the body is not JSON', 'Send Content-Type: application/json.')
  }
  if (headers['x-express-cacheable'] !== 'dashboard') {
    throw new Refusal(
      403,
      'the header X-Express-Cacheable is missing',
      'Send X-Express-Cacheable: dashboard.',
    )
  }
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') {
    throw new Refusal(403, 'another site has sent this', MEND)
  }
  // A browser that says neither is older than both, and one that says the first needs no second.
  if (site === undefined && headers.origin !== undefined && !isOwn(headers.origin, headers)) {
    throw new Refusal(403, 'another site has sent this', MEND)
  }
}

function isOwn(origin: string, headers: IncomingMessage['headers']): boolean {
  const forwarded = String(headers['x-forwarded-host'] ?? '').split(',')
  const hosts = [headers.host, ...forwarded].map((host) => host?.trim().toLowerCase())
  return URL.canParse(origin) && hosts.includes(new URL(origin).host)
}
