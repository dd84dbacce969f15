import type { Redis } from 'ioredis'
import { sum } from '../figures.js'
import { type ForkedProcess, forkProcess } from '../fork-process.js'
import type { MemberCounts, Order } from './orders.js'
import { loadBetween, type RedisLoad, redisLoad } from './redis-load.js'

/** What happened while something was done. */
export interface Measured {
  readonly seconds: number
  readonly redis: RedisLoad
  /** Of all processes of members together. */
  readonly memberCpuMs: number
  /** Received by members. */
  readonly messages: Readonly<Record<'leases' | 'roll-calls' | 'evictions', number>>
}

/** Members spread evenly over a few processes, all on one Redis. */
export class Fleet {
  readonly redis: Redis
  readonly #url: string
  readonly #keyPrefix: string
  readonly #processes: ForkedProcess[] = []
  #size = 0

  constructor(redis: Redis, url: string, keyPrefix: string) {
    this.redis = redis
    this.#url = url
    this.#keyPrefix = keyPrefix
  }

  get size(): number {
    return this.#size
  }

  async start(processes: number): Promise<void> {
    for (let nth = 0; nth < processes; nth++) this.#processes.push(await this.#fork(`p${nth}`))
  }

  async grow(size: number): Promise<void> {
    await this.#each((_, nth) => ({
      do: 'open',
      count: this.#shareOf(size, nth) - this.#shareOf(this.#size, nth),
    }))
    this.#size = size
  }

  /** Has each process of members do its share. */
  async order(order: Order): Promise<void> {
    const sharing = this.#processes.length
    await this.#each(() =>
      order.do === 'evict' ? { ...order, perSecond: order.perSecond / sharing } : order,
    )
  }

  /** A member in a process of its own. */
  async addAlone(): Promise<ForkedProcess> {
    const process = await this.#fork('alone')
    await process.ask({ do: 'open', count: 1 } satisfies Order)
    return process
  }

  async measure(act: () => Promise<unknown>): Promise<Measured> {
    const counts = await this.#counts()
    const before = await redisLoad(this.redis)
    const startedAt = performance.now()
    await act()
    const seconds = (performance.now() - startedAt) / 1_000
    const redis = loadBetween(before, await redisLoad(this.redis))
    const after = await this.#counts()
    const received = (kind: keyof MemberCounts['messages']) =>
      sum(after.map(({ messages }) => messages[kind])) - sum(counts.map(({ messages }) => messages[kind]))
    return {
      seconds,
      redis,
      memberCpuMs: (cpuOf(after) - cpuOf(counts)) / 1_000,
      messages: {
        leases: received('leases'),
        'roll-calls': received('roll-calls'),
        evictions: received('evictions'),
      },
    }
  }

  #counts(): Promise<MemberCounts[]> {
    return Promise.all(this.#processes.map((process) => process.ask<MemberCounts>({ do: 'count' })))
  }

  async #fork(name: string): Promise<ForkedProcess> {
    const process = forkProcess(new URL('./members-process.js', import.meta.url), {
      what: `The process of members ${name}`,
      args: [this.#url, this.#keyPrefix, name],
    })
    await process.hear()
    return process
  }

  #shareOf(size: number, nth: number): number {
    const { length } = this.#processes
    return Math.floor((size + length - 1 - nth) / length)
  }

  #each(orderOf: (process: ForkedProcess, nth: number) => Order): Promise<unknown[]> {
    return Promise.all(this.#processes.map((process, nth) => process.ask(orderOf(process, nth))))
  }
}

function cpuOf(counts: readonly MemberCounts[]): number {
  return sum(counts.map(({ cpuMicroseconds }) => cpuMicroseconds))
}
