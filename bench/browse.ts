// What it costs to look at the keys in Redis, page by page, and to count them: how long a script keeps others waiting.

import type { Redis } from 'ioredis'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { forEachAtOnce } from './at-once.js'
import { median, percentile, show } from './figures.js'
import { goalTable } from './goals.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { atEnd, runBench } from './run-bench.js'
import { tableOf } from './table.js'

const ENTRIES = Number(process.env.ENTRIES ?? 100_000)
/** Without a value, as of readers that died. */
const LEASES = ENTRIES / 10
const TAGS = 3
const LIMITS = [50, 1_000]
const COUNTS = 20
const AT_ONCE = 500
const TTL_MS = 86_400_000
const VALUE = Buffer.from(JSON.stringify({ id: 1, name: 'x'.repeat(500) }))
const LONGEST_SCRIPT_US = 5_000

await runBench(main)

async function main(): Promise<void> {
  const { url } = await startOwnRedis()
  const redis = connectPlain(url)
  const client = connectRedis(url, { onTrouble: () => {} })
  const store = new RedisStore({ client, keyPrefix: 'crm:', deadlineMs: 60_000, ownsClient: true })
  atEnd(() => store.close())
  await store.ready()

  console.log(`Storing ${show(ENTRIES)} entries with ${TAGS} tags each, and ${show(LEASES)} leases …`)
  const ids = Array.from({ length: ENTRIES + LEASES }, (_, id) => id)
  await forEachAtOnce(ids, AT_ONCE, (id) =>
    id < ENTRIES ? fill(store, id) : lease(store, `customer:lease:${id}`),
  )

  await redis.config('SET', 'slowlog-log-slower-than', '0', 'slowlog-max-len', '1000000')
  const rows: Row[] = []
  for (const limit of LIMITS) {
    console.log(`Looking at all of them, ${show(limit)} on a page …`)
    rows.push(await measure(redis, `a page of ${show(limit)}`, () => browseAll(store, limit)))
  }
  console.log(`Counting them, ${COUNTS} times …`)
  rows.push(
    await measure(redis, 'a count of all', async () => {
      const ms: number[] = []
      for (let nth = 0; nth < COUNTS; nth += 1) {
        const startedAt = performance.now()
        const count = await store.count('customer:')
        ms.push(performance.now() - startedAt)
        if (count !== ids.length) throw new Error(`${count} were counted instead of ${ids.length}`)
      }
      return ms
    }),
  )

  const longestUs = Math.max(...rows.map(({ us }) => us.at(-1) ?? Number.NaN))
  const tables = `
${tableOf(
  ['what', 'ms, median', 'scripts', 'ms of a script, median', 'p99', 'longest'],
  rows.map(({ what, ms, us }) => [
    what,
    show(median(ms), 2),
    show(us.length),
    ...[median(us), percentile(us, 0.99), percentile(us, 1)].map((each) => show(each / 1_000, 2)),
  ]),
)}

${goalTable([
  {
    what: `no script over ${LONGEST_SCRIPT_US / 1_000} ms beside ${show(ENTRIES)} entries`,
    measured: show(longestUs / 1_000, 2, ' ms'),
    isMet: longestUs <= LONGEST_SCRIPT_US,
  },
])}
`
  const groups = rows.map(({ what, us }) => ({
    name: what,
    bars: [
      { name: 'median', value: median(us) / 1_000 },
      { name: 'p99', value: percentile(us, 0.99) / 1_000 },
      { name: 'longest', value: percentile(us, 1) / 1_000 },
    ],
  }))
  const title = `How long a look at ${show(ENTRIES)} keys keeps others waiting`
  await reportResult(
    'browse',
    {
      title,
      command: 'npm run bench:browse',
      machine: machineOf(new Date(), { Redis: await infoOf(redis, 'redis_version') }),
      tables,
      pictures: [{ kind: 'bars', title: `${title}: time of a script`, unit: 'ms', groups }],
    },
    process.env.ENTRIES && 'ENTRIES is set',
  )
}

interface Row {
  readonly what: string
  readonly ms: readonly number[]
  /** Of each script, ascending. */
  readonly us: readonly number[]
}

async function fill(store: RedisStore, id: number): Promise<void> {
  const key = `customer:${id}`
  const tags = Array.from({ length: TAGS }, (_, nth) => `row:${id % 1_000}:${nth}`)
  await store.fill(key, await lease(store, key), VALUE, TTL_MS, tags)
}

async function lease(store: RedisStore, key: string): Promise<string> {
  const found = await store.lookup(key, { leaseMs: TTL_MS, graceMs: 0 })
  if (found.kind !== 'lease') throw new Error(`${key} has no lease but ${found.kind}`)
  return found.lease
}

/** @returns How long each page took, in ms. */
async function browseAll(store: RedisStore, limit: number): Promise<number[]> {
  const ms: number[] = []
  let found = 0
  let after: string | null = ''
  while (after !== null) {
    const startedAt = performance.now()
    const page = await store.browse({ prefix: 'customer:', after, limit })
    ms.push(performance.now() - startedAt)
    found += page.entries.length
    after = page.next
  }
  if (found !== ENTRIES) throw new Error(`${found} were found instead of ${ENTRIES}`)
  return ms
}

async function measure(redis: Redis, what: string, act: () => Promise<readonly number[]>): Promise<Row> {
  await redis.slowlog('RESET')
  const ms = await act()
  const entries = (await redis.slowlog('GET', 1_000_000)) as [
    id: number,
    at: number,
    us: number,
    args: string[],
  ][]
  const scripts = entries.filter(([, , , args]) => /^eval/i.test(args[0] ?? ''))
  return { what, ms, us: scripts.map(([, , us]) => us).sort((one, other) => one - other) }
}
