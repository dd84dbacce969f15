import { Redis } from 'ioredis'
import type { Place } from './open-store.js'
import { SharedHash } from './shared-hash.js'

/**
 * What the cache is in front of: rows that are nothing but a version, and beside each the version from which
 * on no reader may get an older one. Every call takes effect at one instant, whichever process makes it.
 */
export interface Database {
  versionOf(row: string): Promise<number>
  /** Commits a write. @returns The row's new version, one more than the last. */
  write(row: string): Promise<number>
  /** The newest version whose eviction was acknowledged. */
  acknowledgedOf(row: string): Promise<number>
  acknowledge(row: string, version: number): Promise<void>
  clear(): Promise<void>
  close(): Promise<void>
}

/** In a Redis, under names that no cache on it can reach; in this process if there is none. */
export function openDatabase({ databaseUrl, keyPrefix }: Place): Database {
  return databaseUrl === null ? new MemoryDatabase() : new RedisDatabase(databaseUrl, `${keyPrefix}database:`)
}

class MemoryDatabase implements Database {
  readonly #versions = new Map<string, number>()
  readonly #acknowledged = new Map<string, number>()

  async versionOf(row: string): Promise<number> {
    return this.#versions.get(row) ?? 0
  }

  async write(row: string): Promise<number> {
    const version = (this.#versions.get(row) ?? 0) + 1
    this.#versions.set(row, version)
    return version
  }

  async acknowledgedOf(row: string): Promise<number> {
    return this.#acknowledged.get(row) ?? 0
  }

  async acknowledge(row: string, version: number): Promise<void> {
    this.#acknowledged.set(row, Math.max(version, this.#acknowledged.get(row) ?? 0))
  }

  async clear(): Promise<void> {
    this.#versions.clear()
    this.#acknowledged.clear()
  }

  async close(): Promise<void> {}
}

/** KEYS: a hash. ARGV: field, number. */
const RAISE = `
local present = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or 0)
if tonumber(ARGV[2]) > present then redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) end
`
type DatabaseClient = Redis & { raise(hash: string, field: string, number: number): Promise<null> }

class RedisDatabase implements Database {
  readonly #client: DatabaseClient
  readonly #versions: SharedHash
  readonly #acknowledged: SharedHash

  constructor(url: string, prefix: string) {
    const scripts = { raise: { lua: RAISE, numberOfKeys: 1 } }
    this.#client = new Redis(url, { enableAutoPipelining: true, scripts }) as DatabaseClient
    this.#versions = new SharedHash(this.#client, `${prefix}versions`)
    this.#acknowledged = new SharedHash(this.#client, `${prefix}acknowledged`)
  }

  versionOf(row: string): Promise<number> {
    return this.#versions.number(row)
  }

  write(row: string): Promise<number> {
    return this.#client.hincrby(this.#versions.name, row, 1)
  }

  acknowledgedOf(row: string): Promise<number> {
    return this.#acknowledged.number(row)
  }

  async acknowledge(row: string, version: number): Promise<void> {
    await this.#client.raise(this.#acknowledged.name, row, version)
  }

  async clear(): Promise<void> {
    for (const { name } of [this.#versions, this.#acknowledged]) await this.#client.del(name)
  }

  async close(): Promise<void> {
    await this.#client.quit()
  }
}
