import { sum } from '../figures.js'
import { type ForkedProcess, forkProcess } from '../fork-process.js'
import { type BenchRedis, connectPlain, startOwnRedis } from '../redis.js'
import { CHANNELS, type MemberCounts, type Messages, type Order } from './orders.js'
import { loadBetween, NO_LOAD, type RedisLoad, redisLoad } from './redis-load.js'

/** What happened while something was done. */
export interface Measured {
  readonly seconds: number
  readonly redis: RedisLoad
  /** Of all processes of members together. */
  readonly memberCpuMs: number
  /** Received by members. */
  readonly messages: Messages
}

/** A machine that has two cores has no use for more. */
const PROCESSES = 2
const KEY_PREFIX = 'fleet:'

/** Members in a few processes, all on one Redis of their own. */
export class Fleet {
  readonly keyPrefix = KEY_PREFIX
  readonly #processes: ForkedProcess[] = []
  #redis: BenchRedis
  #size = 0

  private constructor(redis: BenchRedis) {
    this.#redis = redis
  }

  static async start(): Promise<Fleet> {
    const fleet = new Fleet(await startOwnRedis())
    for (let nth = 0; nth < PROCESSES; nth++) fleet.#processes.push(await fleet.#fork(`p${nth}`))
    return fleet
  }

  get size(): number {
    return this.#size
  }

  get redis(): BenchRedis {
    return this.#redis
  }

  async grow(size: number): Promise<void> {
    await this.#each((nth) => ({ do: 'open', count: shareOf(size, nth) - shareOf(this.#size, nth) }))
    this.#size = size
  }

  /** Has each process of members do that, or its share of it. */
  async order(order: Order): Promise<void> {
    await this.#each(() => {
      if (order.do === 'evict') return { ...order, perSecond: order.perSecond / PROCESSES }
      return order.do === 'store' ? { ...order, count: order.count / PROCESSES } : order
    })
  }

  /** A member in a process of its own. */
  async addAlone(): Promise<ForkedProcess> {
    const process = await this.#fork('alone')
    await process.ask({ do: 'open', count: 1 } satisfies Order)
    return process
  }

  async restartRedis(): Promise<void> {
    const { url, stop } = this.#redis
    await stop()
    this.#redis = await startOwnRedis(Number(new URL(url).port))
  }

  async measure(act: () => Promise<unknown>): Promise<Measured> {
    const counts = await this.#counts()
    const redis = this.#redis
    const before = await this.#load()
    const startedAt = performance.now()
    await act()
    const seconds = (performance.now() - startedAt) / 1_000
    const load = loadBetween(redis === this.#redis ? before : NO_LOAD, await this.#load())
    const after = await this.#counts()
    const received = CHANNELS.map((channel) => {
      const sumOf = (all: readonly MemberCounts[]) => sum(all.map(({ messages }) => messages[channel]))
      return [channel, sumOf(after) - sumOf(counts)]
    })
    return {
      seconds,
      redis: load,
      memberCpuMs: cpuMsOf(after) - cpuMsOf(counts),
      messages: Object.fromEntries(received),
    }
  }

  async #load(): Promise<RedisLoad> {
    const redis = connectPlain(this.#redis.url)
    const load = await redisLoad(redis)
    redis.disconnect()
    return load
  }

  #counts(): Promise<MemberCounts[]> {
    return Promise.all(this.#processes.map((process) => process.ask<MemberCounts>({ do: 'count' })))
  }

  async #fork(name: string): Promise<ForkedProcess> {
    const process = forkProcess(new URL('./members-process.js', import.meta.url), {
      what: `The process of members ${name}`,
      args: [this.#redis.url, KEY_PREFIX, name],
    })
    await process.hear()
    return process
  }

  #each(orderOf: (nth: number) => Order): Promise<unknown[]> {
    return Promise.all(this.#processes.map((process, nth) => process.ask(orderOf(nth))))
  }
}

/** Without what a fleet takes at rest for as long. */
export function beyondRest(measured: Measured, rest: Measured): Measured {
  const part = measured.seconds / rest.seconds
  return {
    ...measured,
    redis: {
      ...measured.redis,
      cpuMs: measured.redis.cpuMs - part * rest.redis.cpuMs,
      sentBytes: measured.redis.sentBytes - part * rest.redis.sentBytes,
      heartbeats: measured.redis.heartbeats - part * rest.redis.heartbeats,
    },
    memberCpuMs: measured.memberCpuMs - part * rest.memberCpuMs,
  }
}

function shareOf(size: number, nth: number): number {
  return Math.floor((size + PROCESSES - 1 - nth) / PROCESSES)
}

function cpuMsOf(counts: readonly MemberCounts[]): number {
  return sum(counts.map(({ cpuMicroseconds }) => cpuMicroseconds)) / 1_000
}
