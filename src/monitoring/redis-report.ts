import { realTime } from '../tools/real-time.js'
import { LATE, withinDeadline } from '../tools/within-deadline.js'
import type { RedisReport } from './reports.js'

/** People wait for it, and no request does. */
const DEADLINE_MS = 1_000

/**
 * What the Redis server says of itself, and how long a question takes. A user who may not ask it INFO learns that time alone.
 *
 * @param info - Asks the server; `null`, while it cannot be asked.
 * @returns `null` where it does not answer.
 */
export async function redisReport(info: () => Promise<string> | null): Promise<RedisReport | null> {
  const startedAt = realTime.now()
  const asked = info()
  if (!asked) return null
  const said = await withinDeadline(asked.catch(refusalIn), DEADLINE_MS)
  if (said === LATE || said === undefined) return null
  const fields = fieldsOf(said)
  return {
    version: fields.get('valkey_version') ?? fields.get('redis_version') ?? null,
    usedMemoryBytes: numberIn(fields.get('used_memory')),
    maxMemoryBytes: numberIn(fields.get('maxmemory')),
    maxMemoryPolicy: fields.get('maxmemory_policy') ?? null,
    connections: numberIn(fields.get('connected_clients')),
    roundTripMs: Math.round((realTime.now() - startedAt) * 100) / 100,
  }
}

/** A refusal is an answer with nothing in it; all else is none. */
function refusalIn(error: unknown): string | undefined {
  return /^NOPERM\b/.test(String(Object(error).message)) ? '' : undefined
}

function fieldsOf(said: string): ReadonlyMap<string, string> {
  const lines = String(said).split(/\r?\n/)
  return new Map(
    lines.flatMap((line) => {
      const at = line.indexOf(':')
      return at > 0 && !line.startsWith('#') ? [[line.slice(0, at), line.slice(at + 1)] as const] : []
    }),
  )
}

function numberIn(text: string | undefined): number | null {
  const number = Number(text)
  return text === undefined || text === '' || Number.isNaN(number) ? null : number
}
