import type { ServerResponse } from 'node:http'
import { Refusal } from './refusal.js'

/** Nothing of it may come from elsewhere, stand in another site's frame, or be read by one. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; object-src 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Robots-Tag': 'noindex',
}

/** Puts on an answer what all answers of the dashboard have, whatever the application says of its own. */
export function secure(res: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) res.setHeader(name, value)
  res.setHeader('Cache-Control', 'no-store')
}

export function sendJson(res: ServerResponse, value: unknown, status = 200): void {
  const body = Buffer.from(JSON.stringify(value))
  res.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  })
  res.end(res.req.method === 'HEAD' ? undefined : body)
}

/** Says why not, to programs as JSON and to people as text. */
export function sendRefusal(res: ServerResponse, error: unknown, isApi: boolean): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  const refusal = error instanceof Refusal ? error : new Refusal(500, 'the dashboard failed', 'See the log.')
  const { status, message, mend } = refusal
  if (isApi) {
    sendJson(res, { error: { message, mend } }, status)
    return
  }
  const body = Buffer.from(`${message[0]?.toUpperCase()}${message.slice(1)}.\n\n${mend}\n`)
  res.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length })
  res.end(res.req.method === 'HEAD' ? undefined : body)
}
