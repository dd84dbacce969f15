import type { ServerResponse } from 'node:http'
import { OF_A_BODY } from '../../http/response-head.js'

/** Takes what describes a body off a head that is to have none. */
export function removeBodyHeaders(res: ServerResponse): void {
  for (const name of OF_A_BODY) res.removeHeader(name)
}
