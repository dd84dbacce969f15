import { randomBytes } from 'node:crypto'
import { DEFAULT_CONFIG, type DemoConfig } from '#demo/config.js'

/** One way to run the demo. */
export interface SetUp {
  readonly name: string
  readonly config: DemoConfig
}

/**
 * The set-ups that are compared; the first is what the others are measured against.
 *
 * @param databaseUrl - Of a PostgreSQL that all share. None: each has an embedded one.
 * @param redisUrl - None: the set-up with Redis is left out.
 */
export function setUpsOf(databaseUrl: string | undefined, redisUrl: string | undefined): SetUp[] {
  const common = { ...DEFAULT_CONFIG, port: 0, databaseUrl }
  // In a Redis that is used for other things too, the bench keeps to keys of its own.
  const keyPrefix = `bench-${randomBytes(6).toString('hex')}:`
  return [
    { name: 'no cache', config: { ...common, cache: false } },
    { name: 'in-process store', config: common },
    ...(redisUrl ? [{ name: 'Redis', config: { ...common, redisUrl, keyPrefix } }] : []),
  ]
}
