// What the bookkeeping of the cache takes in Redis beside the values, and whether all of it goes by itself.
import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { CommandError } from '#demo/command-error.js'
import { silentLogger } from '#demo/logger.js'
import { retainedBytes } from '../test/support/heap.js'
import { until } from '../test/support/until.js'
import { forEachAtOnce } from './at-once.js'
import { startCrm } from './crm.js'
import { show, sum } from './figures.js'
import { goalTable } from './goals.js'
import { memoryTable, sizesByKind } from './memory-table.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { atEnd, runBench } from './run-bench.js'

const CUSTOMERS = 20_000
const LISTS = 2_000
const ENTRIES = CUSTOMERS + LISTS
const KINDS_OF_LIST = ['all', 'software', 'energy', 'finance', 'health', 'logistics', 'retail']
const REQUESTS_AT_ONCE = 10
const READ_AT_ONCE = 100
/** Long enough to store and measure everything before the first entry expires. */
const TTL_SECONDS = 120
/** For what may stay for a while after the last entry. */
const PATIENCE_MS = 90_000
/** By then Redis has resized its hash tables. */
const SETTLE_MS = 3_000
const MOST_RATIO = 1.2
const MOST_LEFT_PERCENT = 1

interface Entry {
  readonly key: string
  readonly path: string
}

await runBench(main)

async function main(): Promise<void> {
  const entries = [...customers(), ...lists()]

  console.log(`Storing ${show(CUSTOMERS)} customers and ${show(LISTS)} lists of them through their routes …`)
  const { url: redisUrl } = await startOwnRedis()
  const redis = await connectMeasured(redisUrl)
  const { url } = await startCrm({ redisUrl, ttlSeconds: TTL_SECONDS })
  const empty = await usedMemory(redis)
  await getAll(url, entries)
  const expiredAt = Date.now() + TTL_SECONDS * 1_000
  const stored = (await usedMemory(redis)) - empty
  const values = await readValues(redis, entries)
  const cached = { total: stored, sizesByKind: await sizesByKind(redis, values) }

  console.log('Reading all of it into the process tier of another cache …')
  const tierBytes = await processTierBytes(redisUrl, [...values.keys()])
  const keyAndValueBytes = sum([...values].map(([key, value]) => key.length + value.length))

  console.log('Storing the same under the same keys with SET … EX in another Redis …')
  const plain = await connectMeasured((await startOwnRedis()).url)
  const plainEmpty = await usedMemory(plain)
  await setAll(plain, values)
  const plainStored = (await usedMemory(plain)) - plainEmpty
  const uncached = { total: plainStored, sizesByKind: await sizesByKind(plain, values) }

  console.log(`Waiting for what the routes stored to expire, which it does ${TTL_SECONDS} s later …`)
  const endsAt = expiredAt + PATIENCE_MS
  const isEmpty = async () => (await entriesLeft(redis)) === 0 || Date.now() > endsAt
  await until('the entries to expire', isEmpty, { deadlineMs: Number.POSITIVE_INFINITY, everyMs: 200 })
  const waitedSeconds = (Date.now() - expiredAt) / 1_000
  const keysLeft = await entriesLeft(redis)
  const left = (await usedMemory(redis)) - empty
  const scripts = Number(await infoOf(redis, 'used_memory_scripts_eval'))

  const ratio = stored / plainStored
  const leftPercent = ((left - scripts) / stored) * 100
  const tables = `
${show(ENTRIES)} entries; bytes of used_memory, without what it is in an empty Redis and what clients take:

${memoryTable(cached, uncached, ENTRIES)}

The process tier takes ${show(tierBytes / ENTRIES)} bytes for each entry, of which ${show(keyAndValueBytes / ENTRIES)} are its key and value.
The bookkeeping in Redis takes ${show((stored - plainStored) / ENTRIES, 1)} bytes for each entry.
${show(waitedSeconds, 1)} s after the last entry had expired, Redis held ${show(keysLeft)} keys besides the four that say which processes use it and count evictions by tag, and ${show(left)} bytes were left, of which the scripts are ${show(scripts)}.

${goalTable([
  {
    what: `at most ${MOST_RATIO} times the memory of SET … EX`,
    measured: show(ratio, 2),
    isMet: ratio <= MOST_RATIO,
  },
  {
    what: 'no key of an entry or of the index is left when the entries have expired',
    measured: show(keysLeft),
    isMet: keysLeft === 0,
  },
  {
    what: `then at most ${MOST_LEFT_PERCENT}% of the memory is left, beside the scripts`,
    measured: show(leftPercent, 2, '%'),
    isMet: leftPercent <= MOST_LEFT_PERCENT,
  },
])}
`
  const entryBytes = keyAndValueBytes / ENTRIES
  await reportResult('memory', {
    title: 'What the bookkeeping takes in memory',
    command: 'npm run bench:memory',
    machine: machineOf(new Date(), { Redis: await infoOf(redis, 'redis_version') }),
    tables,
    pictures: [
      {
        kind: 'bars',
        title: `What one of ${show(ENTRIES)} entries takes`,
        unit: 'bytes',
        groups: [
          {
            name: 'in Redis',
            bars: [
              { name: 'SET … EX', value: plainStored / ENTRIES },
              { name: 'express-cacheable', value: stored / ENTRIES },
            ],
          },
          {
            name: 'in a process',
            bars: [
              { name: 'key and value alone', value: entryBytes },
              { name: 'express-cacheable, process tier', value: tierBytes / ENTRIES },
            ],
          },
        ],
      },
    ],
  })
}

function customers(): Entry[] {
  return Array.from({ length: CUSTOMERS }, (_, index) => {
    return { key: `customer:${index + 1}`, path: `/customers/${index + 1}` }
  })
}

function lists(): Entry[] {
  return Array.from({ length: LISTS }, (_, index) => {
    const page = Math.floor(index / KINDS_OF_LIST.length) + 1
    const industry = KINDS_OF_LIST[index % KINDS_OF_LIST.length]
    return {
      key: `customers:list:${page}:10:${industry}`,
      path: `/customers?page=${page}&limit=10&industry=${industry}`,
    }
  })
}

/** All keys but those about processes and evictions by tag, which are as many whatever is stored, and live for days. */
async function entriesLeft(redis: Redis): Promise<number> {
  const names = await redis.keys('*')
  return names.filter((name) => !['#server', '#members', '#calls', '#marks'].includes(name)).length
}

async function connectMeasured(url: string): Promise<Redis> {
  const redis = connectPlain(url)
  // Some 30 kB of statistics for each command that was ever sent, and not for what is stored. Redis 6 has none.
  await redis.config('SET', 'latency-tracking', 'no').catch(() => {})
  return redis
}

async function getAll(url: string, entries: readonly Entry[]): Promise<void> {
  await forEachAtOnce(entries, REQUESTS_AT_ONCE, async ({ path }) => {
    const answer = await fetch(url + path)
    await answer.arrayBuffer()
    if (!answer.ok) throw new CommandError(`GET ${path} was answered with ${answer.status}.`)
  })
}

async function readValues(redis: Redis, entries: readonly Entry[]): Promise<Map<string, Buffer>> {
  const values = await Promise.all(entries.map(({ key }) => redis.getBuffer(key)))
  const missing = entries.filter((_, index) => values[index] === null)
  if (missing.length > 0)
    throw new CommandError(`${missing.length} entries are missing: ${missing[0]?.key} …`)
  return new Map(entries.map(({ key }, index) => [key, values[index] as Buffer]))
}

async function setAll(redis: Redis, values: ReadonlyMap<string, Buffer>): Promise<void> {
  await Promise.all([...values].map(([key, value]) => redis.set(key, value, 'EX', TTL_SECONDS)))
}

/** What a process keeps more once it holds copies of these. */
async function processTierBytes(redisUrl: string, keys: readonly string[]): Promise<number> {
  const cache = createCache({
    redis: redisUrl,
    memory: { maxBytes: 1024 ** 3, maxAgeMs: TTL_SECONDS * 1_000 },
    deadlineMs: TTL_SECONDS * 1_000,
    logger: silentLogger,
  })
  atEnd(() => cache.close())
  await cache.ready()
  // The first makes what there is once.
  await cache.getMany(keys.slice(0, 1))
  const before = await retainedBytes()
  for (let at = 1; at < keys.length; at += READ_AT_ONCE) {
    await cache.getMany(keys.slice(at, at + READ_AT_ONCE))
  }
  return (await retainedBytes()) - before
}

/** Without the buffers of the clients, whose size depends on what they asked last. */
async function usedMemory(redis: Redis): Promise<number> {
  await sleep(SETTLE_MS)
  const [used, ofClients] = [await infoOf(redis, 'used_memory'), await infoOf(redis, 'mem_clients_normal')]
  return Number(used) - Number(ofClients)
}
