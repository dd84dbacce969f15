import type { OutgoingHttpHeaders } from 'node:http'

/**
 * Headers that belong to one response, not to what it represents: they are made anew or not at all.
 * Connection headers: RFC 9110, section 7.6.1.
 */
const OWN_TO_ONE_RESPONSE: ReadonlySet<string> = new Set([
  'age',
  'cache-status',
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'proxy-authenticate',
  'proxy-connection',
  'server-timing',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-cache',
])

/**
 * The headers to store with an answer: those that the route set. What middleware had set before it is not the
 * answer's, and is set again for each hit, because that middleware runs again.
 */
export function replayableHeaders(
  now: Readonly<OutgoingHttpHeaders>,
  before: Readonly<OutgoingHttpHeaders>,
): Record<string, string | string[]> {
  const kept: Record<string, string | string[]> = {}
  for (const [name, value] of Object.entries(now)) {
    if (value === undefined || OWN_TO_ONE_RESPONSE.has(name) || sameValue(value, before[name])) continue
    kept[name] = Array.isArray(value) ? value : String(value)
  }
  return kept
}

function sameValue(a: unknown, b: unknown): boolean {
  return String(a) === String(b)
}
