// How many answers fit into a Redis of 25 MB, as they are, compressed, and kept with a dictionary.
import { Agent, get } from 'node:http'
import { text } from 'node:stream/consumers'
import type { CacheableOptions } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { CommandError } from '#demo/command-error.js'
import { dictionaryIn, dictionaryOf, packed, unpacked } from '#src/stores/dictionaries/dictionary.js'
import { startCrm } from './crm.js'
import { median, show } from './figures.js'
import type { Bar, BarGroup } from './pictures/chart.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { runBench } from './run-bench.js'
import { tableOf } from './table.js'

interface Kind {
  readonly name: string
  readonly pathOf: (nth: number) => string
  readonly keys: string
  /** Of less than 1 KiB, which `compress: true` keeps as they are. */
  readonly isShort?: true
}

interface Way {
  readonly name: string
  readonly compress: NonNullable<CacheableOptions['compress']>
}

interface Filled {
  readonly entries: number
  readonly bytes: number
  readonly cost: Cost | null
}

/** Of one value, in microseconds. */
interface Cost {
  readonly pack: number
  readonly unpack: number
}

const REDIS_BYTES = 25_000_000
const KINDS: readonly Kind[] = [
  { name: 'a customer', pathOf: (nth) => `/customers/${nth}`, keys: 'customer:*', isShort: true },
  {
    name: 'a customer with contact and address',
    pathOf: (nth) => `/accounts/${nth}`,
    keys: 'account:*',
    isShort: true,
  },
  // The demo's default, and what a screen with a long list asks for.
  { name: '10 customers', pathOf: (nth) => pathOfList(nth, 10), keys: 'customers:list:*' },
  { name: '50 customers', pathOf: (nth) => pathOfList(nth, 50), keys: 'customers:list:*' },
]
const WAYS: readonly Way[] = [
  { name: 'as they are', compress: false },
  { name: 'compress: true', compress: true },
  { name: "compress: 'dictionary'", compress: 'dictionary' },
]
const REQUESTS_AT_ONCE = 16
const TTL_SECONDS = 3_600
const ROUNDS = 7
const TIMES = 2_000

await runBench(main)

async function main(): Promise<void> {
  const rows: string[][] = []
  const costs: string[][] = []
  const groups: BarGroup[] = []
  const redisVersion = await versionOfRedis()
  for (const kind of KINDS) {
    const bars: Bar[] = []
    let [bytes, plain] = [0, 0]
    const cells: string[] = []
    for (const way of WAYS) {
      if (kind.isShort && way.compress === true) {
        cells.push('as they are')
        continue
      }
      const filled = await fill(kind, way)
      bars.push({ name: way.name, value: filled.entries })
      if (way.compress === false) [bytes, plain] = [filled.bytes, filled.entries]
      cells.push(`${show(filled.entries)} (${show(filled.entries / plain, 1)})`)
      if (filled.cost) costs.push([kind.name, show(filled.cost.pack), show(filled.cost.unpack)])
    }
    const name = `${kind.name}, ${show(bytes)} bytes`
    groups.push({ name, bars })
    rows.push([name, ...cells])
  }
  const title = `Answers that ${show(REDIS_BYTES / 1e6)} MB of Redis hold, bookkeeping included`
  const counted = tableOf(['answer', ...WAYS.map(({ name }) => name)], rows)
  const timed = tableOf(['µs of CPU', 'to pack', 'to unpack'], costs)
  await reportResult('compress', {
    title,
    command: 'npm run bench:compress',
    machine: machineOf(new Date(), { Redis: redisVersion }),
    tables: `${counted}\n\nWhat a dictionary adds to a fill, and to a hit in Redis:\n\n${timed}`,
    pictures: [{ kind: 'bars', title, unit: 'answers', groups }],
  })
}

function pathOfList(page: number, limit: number): string {
  return `/customers?page=${page}&limit=${limit}&industry=all`
}

/** Asks for one answer after the other until Redis takes no more. */
async function fill({ name, pathOf, keys }: Kind, { name: how, compress }: Way): Promise<Filled> {
  console.log(`Filling Redis with ${name}, ${how} …`)
  const { url: redisUrl, stop } = await startOwnRedis()
  const redis = connectPlain(redisUrl)
  await redis.config('SET', 'maxmemory', REDIS_BYTES)
  const { url, cache } = await startCrm({ redisUrl, ttlSeconds: TTL_SECONDS, compress })
  let isFull = false
  cache.observe(({ type }) => {
    if (type === 'store-down') isFull = true
  })
  const agent = new Agent({ keepAlive: true })
  let nth = 0
  const work = async (): Promise<void> => {
    while (!isFull) {
      nth += 1
      await ask(url + pathOf(nth), agent)
    }
  }
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work))
  const names = await redis.keys(keys)
  const body = await ask(url + pathOf(1), agent)
  agent.destroy()
  const cost = compress === 'dictionary' ? await costOf(redis, names.at(-1) as string) : null
  await stop()
  return { entries: names.length, bytes: Buffer.byteLength(body), cost }
}

function ask(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (res) => {
      if (res.statusCode !== 200) reject(new CommandError(`GET ${url} was answered with ${res.statusCode}.`))
      text(res).then(resolve, reject)
    }).on('error', reject)
  })
}

/** What a value of those that are stored takes to pack and to unpack. */
async function costOf(redis: Redis, name: string): Promise<Cost> {
  const value = (await redis.getBuffer(name)) as Buffer
  const id = dictionaryIn(value)
  const bytes = id === undefined ? null : await redis.getBuffer(`#dictionary:${id}`)
  const plain = bytes && unpacked(value, dictionaryOf(bytes))
  if (!bytes || !plain) throw new CommandError(`${name} has no dictionary.`)
  const dictionary = dictionaryOf(bytes)
  return {
    pack: microsecondsOf(() => packed(plain, dictionary)),
    unpack: microsecondsOf(() => unpacked(value, dictionary)),
  }
}

function microsecondsOf(act: () => unknown): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const before = process.cpuUsage()
    for (let time = 0; time < TIMES; time += 1) act()
    const { user, system } = process.cpuUsage(before)
    return (user + system) / TIMES
  })
  return median(rounds)
}

async function versionOfRedis(): Promise<string> {
  const { url, stop } = await startOwnRedis()
  const version = await infoOf(connectPlain(url), 'redis_version')
  await stop()
  return version
}
