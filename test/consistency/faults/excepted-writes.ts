import { Redis } from 'ioredis'
import { SharedHash } from '../shared-hash.js'

/**
 * Until when others may not know of a write.
 *
 * - a number: until then (epoch, ms).
 * - `delivered`: until its process has delivered the eviction; they had missed it before it wrote.
 * - `death`: they do know, as long as its process lives; for some seconds after its death they may not.
 */
export type Bound = number | 'delivered' | 'death'

/** A write whose eviction its process alone could not bring to Redis, or not in time. */
export interface ExceptedWrite {
  readonly row: string
  readonly version: number
  /** The process that wrote: it knows, and may serve nothing older. */
  readonly by: number
  readonly bound: Bound
}

/**
 * How Redis is to all who can reach it.
 *
 * - `well`: it answers.
 * - `full`: it takes evictions, and no heartbeats: nobody is missed meanwhile, and nobody notices anything.
 * - `in trouble`: it takes no evictions. Nobody is missed, and all are out of touch.
 */
export type RedisState = 'well' | 'full' | 'in trouble'

/** Versions of a row that not all others may have heard of yet. */
export interface Excepted {
  /** The newest of those that the asking process must know of: it counts as acknowledged. */
  readonly due: number
  /** The newest of all. */
  readonly newest: number
}

/** Others miss a process four seconds after its last word, and look each second: see docs/guides/redis-down.md. */
export const OTHERS_KNOW_WITHIN_MS = 5_000
const REDIS = '#redis'
const GONE = '#gone|'

/** The writes of all processes that the documentation makes an exception for, each with its bound. */
export class ExceptedWrites {
  readonly #client: Redis
  readonly #hash: SharedHash

  constructor(redisUrl: string, keyPrefix: string) {
    this.#client = new Redis(redisUrl, { enableAutoPipelining: true })
    this.#hash = new SharedHash(this.#client, `${keyPrefix}excepted`)
  }

  async noteRedis(state: RedisState): Promise<void> {
    await this.#client.hset(this.#hash.name, REDIS, JSON.stringify({ state, since: Date.now() }))
  }

  /** How Redis is, and since when (epoch, ms). */
  async redis(): Promise<{ readonly state: RedisState; readonly since: number }> {
    return JSON.parse((await this.#hash.all())[REDIS] ?? '{"state":"well","since":0}')
  }

  /** A process is about to die. */
  async noteDeath(of: number): Promise<void> {
    await this.#client.hset(this.#hash.name, `${GONE}${of}`, Date.now())
  }

  async add({ row, version, by, bound }: ExceptedWrite): Promise<void> {
    await this.#client.hset(this.#hash.name, fieldOf(row, version), JSON.stringify({ by, bound }))
  }

  /** Its version has been acknowledged without exception. */
  async settle(row: string, version: number): Promise<void> {
    await this.#client.hdel(this.#hash.name, fieldOf(row, version))
  }

  /** What stands at this moment, to the process that asks. */
  async of(row: string, askedBy: number): Promise<Excepted> {
    const nowMs = Date.now()
    const all = await this.#hash.all()
    let [due, newest] = [0, 0]
    for (const [field, text] of Object.entries(all)) {
      if (!field.startsWith(`${row}|`)) continue
      const version = Number(field.slice(row.length + 1))
      const { by, bound }: Pick<ExceptedWrite, 'by' | 'bound'> = JSON.parse(text)
      newest = Math.max(newest, version)
      if (by === askedBy || isOver(bound, all[`${GONE}${by}`], nowMs)) due = Math.max(due, version)
    }
    return { due, newest }
  }

  /** Forgets those that a later write has overtaken, so that a long race does not collect them. */
  async forgetBelow(acknowledgedOf: (row: string) => Promise<number>): Promise<void> {
    for (const field of Object.keys(await this.#hash.all())) {
      const [row = '', version] = field.split('|')
      if (row.startsWith('#') || Number(version) > (await acknowledgedOf(row))) continue
      await this.#client.hdel(this.#hash.name, field)
    }
  }

  async clear(): Promise<void> {
    await this.#client.del(this.#hash.name)
  }

  async close(): Promise<void> {
    await this.#client.quit()
  }
}

function isOver(bound: Bound, goneAt: string | undefined, nowMs: number): boolean {
  if (bound === 'delivered') return false
  if (bound === 'death') return goneAt === undefined || nowMs >= Number(goneAt) + OTHERS_KNOW_WITHIN_MS
  return nowMs >= bound
}

function fieldOf(row: string, version: number): string {
  return `${row}|${version}`
}
