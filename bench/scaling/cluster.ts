import { setTimeout as sleep } from 'node:timers/promises'
import { type Cache, createCache } from 'express-cacheable'
import { Cluster } from 'ioredis'
import { silentLogger } from '#demo/logger.js'
import { startRedisCluster } from '../../test/support/redis-cluster.js'
import { forEachAtOnce } from '../at-once.js'
import { customerList } from '../crm.js'
import { median, show, sum } from '../figures.js'
import type { BarGroup } from '../pictures/chart.js'
import { connectPlain, startOwnRedis } from '../redis.js'
import { runRounds } from '../rounds.js'
import { atEnd } from '../run-bench.js'
import { tableOf } from '../table.js'
import type { Part } from './part.js'
import { redisLoad } from './redis-load.js'

interface Site {
  readonly name: string
  readonly cache: Cache
  /** Of all servers together, in ms. */
  readonly cpu: () => Promise<number>
}

interface Figures {
  readonly perSecond: number
  readonly redisMicroseconds: number
  readonly appMicroseconds: number
}

type Work = 'a hit' | 'an eviction by key' | 'an eviction by pattern' | 'an eviction by tag'

const ROUNDS = 3
const AT_ONCE = 64
const HITS = 6_000
const KEYS = 2_000
/** Entries that an eviction by pattern or by tag removes. */
const OF_ONE = 10
const REST_MS = 10_000
const DEADLINE_MS = 10_000
const TTL_SECONDS = 3_600
/** Some 600 bytes. */
const VALUE: { customers: object[] } = JSON.parse(JSON.stringify(customerList(1, 4, 'all')))
const NTH = Array.from({ length: KEYS }, (_, nth) => nth)
const LISTS = NTH.slice(0, KEYS / OF_ONE)
/** What keys begin with says which part of the index lists them, and so which master. */
const KINDS = 20

/** Each work: what it is done to, which it may have to be stored for first. */
const WORKS: Readonly<Record<Work, (site: Site) => Promise<Figures>>> = {
  'a hit': async (site) => {
    await fill(site)
    const asked = Array.from({ length: HITS }, (_, nth) => nth % KEYS)
    return measure(site, asked, (nth) => load(site, nth))
  },
  'an eviction by key': async (site) => {
    await fill(site)
    return measure(site, NTH, (nth) => site.cache.delete(`${listOf(nth)}:${nth % OF_ONE}`))
  },
  'an eviction by pattern': async (site) => {
    await fill(site)
    return measure(site, LISTS, (nth) => site.cache.deletePattern(`${listOf(nth * OF_ONE)}:*`))
  },
  'an eviction by tag': async (site) => {
    await fill(site)
    return measure(site, LISTS, (nth) => site.cache.deleteTags([`tag-of-${listOf(nth * OF_ONE)}`]))
  },
}

/** Hits and evictions of one process on clusters, beside those on one Redis. */
export async function measureCluster(): Promise<Part> {
  const sites = [await startOne(), await startCluster(3), await startCluster(6)]
  const rest: number[] = []
  for (const { name, cpu } of sites) {
    console.log(`${name}, at rest …`)
    const before = await cpu()
    await sleep(REST_MS)
    rest.push((await cpu()) - before)
  }
  const rows: string[][] = []
  const groups: BarGroup[] = []
  for (const [work, doIt] of Object.entries(WORKS)) {
    console.log(`${work}, ${ROUNDS} rounds …`)
    await runRounds(sites, doIt, { rounds: 1 })
    const results = await runRounds(sites, doIt, { rounds: ROUNDS })
    const bars = results.map(({ subject, rounds }) => {
      const of = (figure: keyof Figures) => rounds.map((round) => round[figure])
      const [perSecond, redis, app] = [of('perSecond'), of('redisMicroseconds'), of('appMicroseconds')]
      rows.push([
        `${work}, ${subject.name}`,
        show(median(perSecond)),
        show(median(redis), 1),
        show(median(app), 1),
      ])
      return { name: subject.name, value: median(redis), low: Math.min(...redis), high: Math.max(...redis) }
    })
    groups.push({ name: work, bars })
  }
  const head = ['what', 'a second', 'µs of CPU, all servers', 'µs of CPU, the application']
  return {
    title: 'A Redis Cluster beside one Redis',
    tables: [
      `One process, ${AT_ONCE} at once; entries of some 600 bytes, ${OF_ONE} to a pattern or a tag; medians of ${ROUNDS} interleaved rounds. All servers are on the machine of the process, so that the rates say little; the CPU of all servers together can be compared:`,
      tableOf(head, rows),
      `At rest, one process; ms of CPU a second, all servers: ${sites.map(({ name }, nth) => `${name} ${show((1_000 * (rest[nth] ?? 0)) / REST_MS, 2)}`).join(', ')}.`,
    ].join('\n\n'),
    pictures: [{ kind: 'bars', title: 'CPU of all servers for', unit: 'µs', groups }],
  }
}

async function startOne(): Promise<Site> {
  const { url } = await startOwnRedis()
  return { name: 'one Redis', cache: await openCache(url), cpu: cpuOf([url]) }
}

async function startCluster(masters: number): Promise<Site> {
  const cluster = await startRedisCluster({ masters, isReplicated: false })
  atEnd(() => cluster.stop())
  const client = new Cluster([...cluster.nodes])
  client.on('error', () => {})
  atEnd(async () => client.disconnect())
  return { name: `${masters} masters`, cache: await openCache(client), cpu: cpuOf(cluster.urls) }
}

async function openCache(redis: string | Cluster): Promise<Cache> {
  const cache = createCache({ redis, keyPrefix: 'bench:', logger: silentLogger, deadlineMs: DEADLINE_MS })
  atEnd(() => cache.close())
  await cache.ready()
  return cache
}

function cpuOf(urls: readonly string[]): Site['cpu'] {
  const servers = urls.map(connectPlain)
  return async () => sum((await Promise.all(servers.map(redisLoad))).map(({ cpuMs }) => cpuMs))
}

function listOf(nth: number): string {
  const list = Math.floor(nth / OF_ONE)
  return `list${list % KINDS}:${list}`
}

function load({ cache }: Site, nth: number): Promise<unknown> {
  const options = { tags: [`tag-of-${listOf(nth)}`] }
  return cache.wrap(`${listOf(nth)}:${nth % OF_ONE}`, TTL_SECONDS, async () => VALUE, options)
}

function fill(site: Site): Promise<void> {
  return forEachAtOnce(NTH, AT_ONCE, (nth) => load(site, nth))
}

async function measure(
  { cpu }: Site,
  items: readonly number[],
  work: (item: number) => Promise<unknown>,
): Promise<Figures> {
  const [redisMs, app, startedAt] = [await cpu(), process.cpuUsage(), performance.now()]
  await forEachAtOnce(items, AT_ONCE, work)
  const seconds = (performance.now() - startedAt) / 1_000
  const { user, system } = process.cpuUsage(app)
  return {
    perSecond: items.length / seconds,
    redisMicroseconds: (1_000 * ((await cpu()) - redisMs)) / items.length,
    appMicroseconds: (user + system) / items.length,
  }
}
