import type { RedisReport } from '../../monitoring/reports.js'
import { realTime } from '../../tools/real-time.js'
import type { RedisSession } from '../redis-session.js'

/** What clients of ioredis have, of one server or of a cluster. */
interface AsksInfo {
  info(): Promise<unknown>
}

/** What a server says of itself; `null` where it may not be asked, or speaks in another way. */
export async function redisReport({ client }: RedisSession): Promise<RedisReport | null> {
  const asked = client?.itself as Partial<AsksInfo> | undefined
  if (typeof asked?.info !== 'function') return null
  const startedAt = realTime.now()
  try {
    const text = String(await asked.info())
    return { ...reportIn(text), roundTripMs: realTime.now() - startedAt }
  } catch {
    return null
  }
}

/** Reads what `INFO` answers. */
export function reportIn(info: string): Omit<RedisReport, 'roundTripMs'> {
  const fields = new Map(
    info.split(/\r?\n/).flatMap((line): [string, string][] => {
      const [, name, value] = /^([a-z_]+):(.*)$/.exec(line) ?? []
      return name === undefined || value === undefined ? [] : [[name, value]]
    }),
  )
  const numberOf = (name: string): number | null => {
    const value = fields.get(name)
    return value !== undefined && /^\d+$/.test(value) ? Number(value) : null
  }
  return {
    version: fields.get('valkey_version') ?? fields.get('redis_version') ?? null,
    usedMemoryBytes: numberOf('used_memory'),
    maxMemoryBytes: numberOf('maxmemory'),
    maxMemoryPolicy: fields.get('maxmemory_policy') ?? null,
    connections: numberOf('connected_clients'),
  }
}
