// Many members of one fleet in one process: each a cache with a connection of its own, as a process of an application has
// one. It ends when the channel to the bench closes.
import { setTimeout as sleep } from 'node:timers/promises'
import { type Cache, createCache } from 'express-cacheable'
import { Redis } from 'ioredis'
import { silentLogger } from '#demo/logger.js'
import { reconnectDelayMs } from '#src/stores/redis/connect-redis.js'
import { CHANNELS, type EvictedBy, type MemberCounts, type Order } from './orders.js'

interface Member {
  readonly cache: Cache
  readonly client: Redis
}

const [redisUrl = '', keyPrefix = '', name = ''] = process.argv.slice(2)
/** A machine that is busy with two hundred members is late now and then, which is not what is measured. */
const DEADLINE_MS = 1_000
const TTL_SECONDS = 600
const LOAD_MS = 30
const LOOK_AGAIN_MS = 20

const members: Member[] = []
const messages = { leases: 0, 'roll-calls': 0, evictions: 0 }
let stored = 0
let evicted = 0

process.on('SIGINT', () => {})
process.once('disconnect', () => process.exit())
process.on('message', async (order: Order) => process.send?.((await carryOut(order)) ?? null))
process.send?.('ready')

async function carryOut(order: Order): Promise<MemberCounts | undefined> {
  switch (order.do) {
    case 'open':
      for (let nth = 0; nth < order.count; nth++) await open()
      return
    case 'close':
      await Promise.all(members.splice(0, order.count).map(close))
      return
    case 'count':
      return counts()
    case 'store':
      for (let nth = 0; nth < order.count; nth++) await storeOne(order.by)
      return
    case 'evict':
      await evictFor(order.by, order.perSecond, order.ms)
      return
    case 'load':
      await Promise.all(order.keys.map((key, nth) => loadByMany(key, nth, order.askers)))
      return
    case 'hit':
      await Promise.all(members.map(({ cache }, nth) => untilHit(cache, `thing:${name}-hit-${nth}`)))
      return
  }
}

async function open(): Promise<void> {
  const client = new Redis(redisUrl, {
    retryStrategy: (attempt) => reconnectDelayMs(attempt),
    ...{ enableOfflineQueue: false, maxRetriesPerRequest: 0, autoResubscribe: false },
  })
  client.on('error', () => {})
  client.on('message', (channel: string) => {
    const kind = CHANNELS.find((kind) => channel.startsWith(`${keyPrefix}#${kind}`))
    if (kind) messages[kind] += 1
  })
  const cache = createCache({
    ...{ redis: client, keyPrefix, logger: silentLogger, deadlineMs: DEADLINE_MS },
    memory: { maxBytes: 1_000_000, maxAgeMs: 60_000 },
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

function memberOf(nth: number): Member {
  return members[nth % members.length] as Member
}

async function storeOne(by: EvictedBy): Promise<void> {
  const nth = stored++
  const key = by === 'pattern' ? `list:${name}-${nth}:1` : `thing:${name}-${nth}`
  const tags = by === 'tag' ? [`thing-tag:${name}-${nth}`] : []
  await memberOf(nth).cache.wrap(key, TTL_SECONDS, async () => ({ nth }), { tags })
}

async function evictFor(by: EvictedBy, perSecond: number, ms: number): Promise<void> {
  const startedAt = performance.now()
  const underWay: Promise<unknown>[] = []
  for (let nth = 0; nth < (perSecond * ms) / 1_000; nth++) {
    const dueInMs = startedAt + (nth / perSecond) * 1_000 - performance.now()
    if (dueInMs > 1) await sleep(dueInMs)
    underWay.push(evictOne(by))
  }
  await Promise.all(underWay)
}

function evictOne(by: EvictedBy): Promise<unknown> {
  const nth = evicted++
  const { cache } = memberOf(nth)
  if (by === 'key') return cache.delete(`thing:${name}-${nth}`)
  return by === 'tag'
    ? cache.deleteTags([`thing-tag:${name}-${nth}`])
    : cache.deletePattern(`list:${name}-${nth}:*`)
}

async function loadByMany(key: string, nth: number, askers: number): Promise<void> {
  const load = async () => {
    await sleep(LOAD_MS)
    return { key }
  }
  const asking = Array.from({ length: Math.min(askers, members.length) }, (_, asker) => memberOf(nth + asker))
  await Promise.all(asking.map(({ cache }) => cache.wrap(key, TTL_SECONDS, load)))
}

async function untilHit(cache: Cache, key: string): Promise<void> {
  for (;;) {
    let isLoaded = false
    await cache.wrap(key, TTL_SECONDS, async () => {
      isLoaded = true
      return { key }
    })
    if (!isLoaded) return
    await sleep(LOOK_AGAIN_MS)
  }
}
