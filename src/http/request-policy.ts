import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { parseCacheControl } from './cache-control.js'

/** What a request says of the cache, where a rule honors it (RFC 9111, section 5.2.1). */
export type RequestPolicy = 'normal' | 'reload' | 'no-store'

/** What the directives of a request ask for. `reload`: an answer of now, which is then stored. */
export function requestPolicy({ headers }: Pick<IncomingMessage, 'headers'>): RequestPolicy {
  const directives = parseCacheControl(headers['cache-control'])
  if (!directives) return 'normal'
  if (directives.has('no-store')) return 'no-store'
  if (directives.has('no-cache') || directives.get('max-age') === 0) return 'reload'
  // RFC 9111, section 5.4: Pragma counts only where there is no Cache-Control.
  const isOldReload = directives.size === 0 && /\bno-cache\b/i.test(headers.pragma ?? '')
  return isOldReload ? 'reload' : 'normal'
}

/** A request as far as it decides whether a stored answer could be for it. */
export interface AskedRequest extends Pick<IncomingMessage, 'method' | 'headers'> {
  /** Where middleware has replaced the method by another. */
  readonly originalMethod?: string
}

/** Why a request is not one that a stored answer could be for, whatever its key; `undefined` if it may be. */
export function unanswerable({ originalMethod, method, headers }: AskedRequest): string | undefined {
  // What says GET may have come as a POST, with a body that the handler reads.
  if (originalMethod !== undefined && originalMethod !== method) return 'method override'
  // RFC 9110, section 9.3.1: a body of a GET has no meaning, but a handler may read it all the same.
  if ((method === 'GET' || method === 'HEAD') && hasBody(headers)) return `${method} with a body`
  // RFC 9110, section 14.2: the handler may answer a part, the cache only the whole.
  if (headers.range !== undefined) return 'Range'
  return undefined
}

/** RFC 9112, section 6.3. */
export function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
