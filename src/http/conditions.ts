import type { IncomingHttpHeaders } from 'node:http'
import fresh from 'fresh'

/** The request headers that decide whether a body is sent that the client may have (RFC 9110, section 13.1). */
export type Conditions = Pick<IncomingHttpHeaders, 'if-none-match' | 'if-modified-since' | 'cache-control'>

/** Whether the client has the answer already (RFC 9110, section 13.1). `headerOf` gives the answer's own headers. */
export function isUnchanged(
  conditions: Conditions,
  status: number,
  headerOf: (name: 'etag' | 'last-modified') => unknown,
): boolean {
  if (status !== 200 || !(conditions['if-none-match'] || conditions['if-modified-since'])) return false
  return fresh(conditions, {
    etag: textOf(headerOf('etag')),
    'last-modified': textOf(headerOf('last-modified')),
  })
}

/** A header's value as one text. */
function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value)
}
