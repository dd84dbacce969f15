import { createHash } from 'node:crypto'
import type { ScriptCommand } from './store-client.js'

/** By what Redis knows a script that it has run before (EVALSHA). */
export function shaOf({ lua }: ScriptCommand): string {
  return createHash('sha1').update(lua).digest('hex')
}
