// Many members of one fleet in one process: each a cache with a connection of its own, as a process of an application has
// one. It ends when the channel to the bench closes.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cache, createCache } from 'express-cacheable'
import { Redis } from 'ioredis'
import { silentLogger } from '#demo/logger.js'
import { reconnectDelayMs } from '#src/stores/redis/connect-redis.js'
import type { EvictedBy, MemberCounts, Order } from './orders.js'

interface Member {
  readonly cache: Cache
  readonly client: Redis
}

const [redisUrl = '', keyPrefix = '', first = ''] = process.argv.slice(2)
/** A machine that is busy with two hundred members is late now and then, which is not what is measured. */
const DEADLINE_MS = 1_000
const TTL_SECONDS = 600
const LOOK_AGAIN_MS = 20

const members: Member[] = []
const messages = { leases: 0, 'roll-calls': 0, evictions: 0 }
let evicted = 0

process.on('SIGINT', () => {})
process.once('disconnect', () => process.exit())
process.on('message', async (order: Order) => process.send?.(await carryOut(order)))
process.send?.('ready')

async function carryOut(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'open':
      for (let nth = 0; nth < order.count; nth++) await open()
      return members.length
    case 'close':
      await Promise.all(members.splice(0, order.count).map(close))
      return members.length
    case 'count':
      return counts()
    case 'evict':
      return await evictFor(order.by, order.perSecond, order.ms)
    case 'load':
      await Promise.all(order.keys.map((key, nth) => loadByMany(key, nth, order.askers, order.loadMs)))
      return order.keys.length
    case 'hit':
      await Promise.all(members.map(({ cache }) => untilHit(cache, order.key)))
      return members.length
  }
}

async function open(): Promise<void> {
  const client = new Redis(redisUrl, {
    retryStrategy: (attempt) => reconnectDelayMs(attempt),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResubscribe: false,
  })
  client.on('error', () => {})
  client.on('message', (channel: string) => {
    const kind = Object.keys(messages).find((kind) => channel.startsWith(`${keyPrefix}#${kind}`))
    if (kind) messages[kind as keyof typeof messages] += 1
  })
  const cache = createCache({
    ...{ redis: client, keyPrefix, logger: silentLogger, deadlineMs: DEADLINE_MS },
    ...{ memory: { maxBytes: 1_000_000, maxAgeMs: 60_000 }, externalKeys: ['thing:{id}', 'list:{id}:{page}'] },
  })
  await cache.ready()
  members.push({ cache, client })
}

async function close({ cache, client }: Member): Promise<void> {
  await cache.close()
  client.disconnect()
}

function counts(): MemberCounts {
  const { user, system } = process.cpuUsage()
  return { cpuMicroseconds: user + system, messages }
}

async function evictFor(by: EvictedBy, perSecond: number, ms: number): Promise<number> {
  const startedAt = performance.now()
  const all = Math.round((perSecond * ms) / 1_000)
  const under: Promise<unknown>[] = []
  for (let nth = 0; nth < all; nth++) {
    const dueIn = startedAt + (nth / perSecond) * 1_000 - performance.now()
    if (dueIn > 1) await sleep(dueIn)
    under.push(evictOne(by))
  }
  await Promise.all(under)
  return all
}

function evictOne(by: EvictedBy): Promise<unknown> {
  const { cache } = members[++evicted % members.length] as Member
  const id = `${first}-${evicted}`
  if (by === 'key') return cache.delete(`thing:${id}`)
  return by === 'tag' ? cache.deleteTags([`thing:${id}`]) : cache.deletePattern(`list:${id}:*`)
}

async function loadByMany(key: string, nth: number, askers: number, loadMs: number): Promise<void> {
  const chosen = Array.from({ length: askers }, (_, asker) => members[(nth + asker) % members.length])
  const load = async () => {
    await sleep(loadMs)
    return { key }
  }
  await Promise.all(chosen.map((member) => member?.cache.wrap(key, TTL_SECONDS, load)))
}

async function untilHit(cache: Cache, key: string): Promise<void> {
  while ((await cache.get(key)) === undefined) {
    await cache.set(key, { id: 1 }, TTL_SECONDS)
    await sleep(LOOK_AGAIN_MS)
  }
}
