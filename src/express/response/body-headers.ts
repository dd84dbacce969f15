import type { ServerResponse } from 'node:http'

/** What describes a body, which a 304 has not (RFC 9110, section 15.4.5). */
const OF_A_BODY: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-language',
  'content-length',
  'content-range',
  'content-type',
  'transfer-encoding',
])

/** Whether a header, named in lower case, describes a body. */
export function isOfBody(name: string): boolean {
  return OF_A_BODY.has(name)
}

/** Takes what describes a body off a head that is to have none. */
export function removeBodyHeaders(res: ServerResponse): void {
  for (const name of OF_A_BODY) res.removeHeader(name)
}
