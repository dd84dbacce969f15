// What following a client's statements costs: a query with and without it, in a load and outside of one; and a write
// whose evictions are derived beside one whose evictions are declared.
import { type Cache, createCache } from 'express-cacheable'
import { trackPrisma } from 'express-cacheable/prisma'
import { migrate } from '#demo/database/migrate.js'
import { openDatabase } from '#demo/database/open-database.js'
import type { PrismaClient } from '#demo/prisma/generated/client.js'
import { partsOf } from '#src/cache-parts.js'
import { LoadTags } from '#src/dependencies/load-tags.js'
import { startPostgres } from '../test/support/postgres-server.js'
import { median, show } from './figures.js'
import { goalTable } from './goals.js'
import type { BarGroup } from './pictures/chart.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { atEnd, runBench } from './run-bench.js'
import { tableOf } from './table.js'

const WARM_UP_CALLS = 1_000
const CALLS = 3_000
const ROWS = 1_000
const MOST_RATIO = 1.1

interface Site {
  readonly prisma: PrismaClient
  readonly cache: Cache
  readonly isTracked: boolean
}

type Act = (site: Site, nth: number) => Promise<unknown>

/** Each is run within a load, as a route that is cached does. */
const READS: readonly (readonly [what: string, act: Act])[] = [
  ['findUnique', ({ prisma }, nth) => prisma.customer.findUnique({ where: { id: 1 + (nth % ROWS) } })],
  ['findMany of 10 rows', ({ prisma }, nth) => prisma.customer.findMany({ skip: nth, take: 10 })],
  [
    'findMany with include',
    ({ prisma }) => prisma.opportunity.findMany({ take: 10, include: { approvals: true } }),
  ],
  ['raw SQL', ({ prisma }, nth) => prisma.$queryRaw`SELECT * FROM "Customer" WHERE id = ${nth % ROWS}`],
]

const WRITES: readonly (readonly [what: string, act: Act])[] = [
  ['update', (site, nth) => declaring(site, nth, site.prisma.customer.update(renamed(nth)))],
  [
    'update in a transaction',
    (site, nth) =>
      declaring(
        site,
        nth,
        site.prisma.$transaction((tx) => tx.customer.update(renamed(nth))),
      ),
  ],
]

await runBench(main)

async function main(): Promise<void> {
  const { url: redis } = await startOwnRedis()
  const redisVersion = await infoOf(connectPlain(redis), 'redis_version')
  const postgres = await startPostgres()
  atEnd(() => postgres.stop())
  const sites = [await openSite(postgres.url, redis, false), await openSite(postgres.url, redis, true)]
  await fill(sites[0] as Site)

  const rows: string[][] = []
  const groups: BarGroup[] = []
  const goals: { what: string; measured: string; isMet: boolean }[] = []
  const measure = async (kind: string, what: string, act: Act, goal: number | undefined) => {
    console.log(`Measuring ${what} (${kind}) …`)
    await timesOf(sites, act, WARM_UP_CALLS)
    const [plain = [], tracked = []] = await timesOf(sites, act, CALLS)
    const ratio = median(tracked) / median(plain)
    rows.push([kind, what, show(median(plain), 3), show(median(tracked), 3), show(ratio, 3)])
    groups.push({
      name: `${what}, ${kind}`,
      bars: [
        { name: 'without', value: median(plain) },
        { name: 'followed', value: median(tracked) },
      ],
    })
    if (goal === undefined) return
    goals.push({
      what: `${what} ${kind}: at most ${goal} times`,
      measured: show(ratio, 3),
      isMet: ratio <= goal,
    })
  }
  for (const [what, act] of READS) await measure('in a load', what, withinLoad(act), MOST_RATIO)
  for (const [what, act] of READS) await measure('in no load', what, act, MOST_RATIO)
  for (const [what, act] of WRITES) await measure('derived beside declared', what, act, undefined)

  const title = `What following a client's statements costs`
  await reportResult('dependencies', {
    title,
    command: 'npm run bench:dependencies',
    machine: machineOf(new Date(), { Redis: redisVersion }),
    tables: `
${tableOf(['', 'call', 'without, ms', 'followed, ms', 'ratio'], rows)}

${goalTable(goals)}
`,
    pictures: [{ kind: 'bars', title: `${title}, median of a call`, unit: 'ms', groups }],
  })
}

/** Milliseconds that each call takes, of each site in turn, so that whatever else the machine does meets both alike. */
async function timesOf(sites: readonly Site[], act: Act, calls: number): Promise<number[][]> {
  const times: number[][] = sites.map(() => [])
  for (let nth = 0; nth < calls; nth++) {
    for (const [which, site] of sites.entries()) {
      const startedAt = performance.now()
      await act(site, nth)
      times[which]?.push(performance.now() - startedAt)
    }
  }
  return times
}

function withinLoad(act: Act): Act {
  return (site, nth) => partsOf(site.cache).context.loads.settle(new LoadTags(), () => act(site, nth))
}

/** A write as a route has it: what is not derived, is declared. */
async function declaring({ cache, isTracked }: Site, nth: number, write: Promise<unknown>): Promise<void> {
  await write
  if (isTracked) return
  const selectors = [
    { kind: 'key', key: `customer:${nth}` },
    { kind: 'pattern', pattern: 'customers:list:*' },
    { kind: 'key', key: 'customers:count' },
  ] as const
  await partsOf(cache).engine.evict(selectors)
}

function renamed(nth: number): { where: { id: number }; data: { name: string } } {
  return { where: { id: 1 + (nth % ROWS) }, data: { name: `renamed ${nth}` } }
}

async function openSite(postgres: string, redis: string, isTracked: boolean): Promise<Site> {
  const cache = createCache({ redis, keyPrefix: `${isTracked}:`, deadlineMs: 5_000 })
  atEnd(() => cache.close())
  await cache.ready()
  const database = await openDatabase(postgres, isTracked ? trackPrisma(cache) : undefined)
  atEnd(() => database.close())
  await migrate(database.prisma)
  return { prisma: database.prisma, cache, isTracked }
}

async function fill({ prisma }: Site): Promise<void> {
  const customers = Array.from({ length: ROWS }, (_, nth) => ({
    name: `customer ${nth}`,
    email: `customer-${nth}@example.org`,
    industry: 'tools',
  }))
  await prisma.customer.createMany({ data: customers })
  for (let nth = 1; nth <= 20; nth++) {
    await prisma.opportunity.create({
      data: {
        title: `opportunity ${nth}`,
        amount: nth,
        customerId: nth,
        approvals: {
          create: [
            { requesterId: 1, approverId: 2 },
            { requesterId: 2, approverId: 1 },
          ],
        },
      },
    })
  }
}
