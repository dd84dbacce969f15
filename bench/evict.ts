// What an eviction costs: whether that grows with what Redis holds, and how long others wait for it.
import { startCrm } from './crm.js'
import {
  costPicture,
  costTable,
  growthOf,
  largestOf,
  MATCHING,
  measureEvictions,
  measureScans,
  type Site,
} from './evict-cost.js'
import { measureRates, rateTable } from './evict-rate.js'
import { longestOf, measureWaits, waitPicture, waitTable } from './evict-waits.js'
import { median, show } from './figures.js'
import { goalTable } from './goals.js'
import { customers, storeInCache } from './lists.js'
import { startProbe } from './probe.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { runBench } from './run-bench.js'

const OTHERS = [10_000, 100_000, 1_000_000]
const TTL_SECONDS = 86_400
const EVICTION_ROUNDS = 100
const SCAN_ROUNDS = 5
const SCAN_COUNTS = [100, 1_000]
const RATE_ROUNDS = 5
const AT_ONCE = [1, 64]
const MANY = 100_000
const WAIT_ROUNDS = 5
const MOST_GROWTH = 1.2
const LEAST_SPEED_UP = 100
const LONGEST_WAIT_MS = 10

await runBench(main)

async function main(): Promise<void> {
  const { url: redisUrl } = await startOwnRedis()
  const sites: Site[] = []
  for (const [database, others] of OTHERS.entries()) {
    sites.push(await startSite(`${redisUrl}/${database}`, others))
  }
  const [largest, largestUrl] = [sites.at(-1) as Site, `${redisUrl}/${OTHERS.length - 1}`]
  const redis = connectPlain(largestUrl)

  console.log(`Evicting ${MATCHING} lists, ${EVICTION_ROUNDS} times from each in turn …`)
  const evictions = await measureEvictions(sites, EVICTION_ROUNDS)
  console.log(`Removing ${MATCHING} lists by SCAN and DEL, ${SCAN_ROUNDS} times …`)
  const scans = await measureScans(redis, SCAN_COUNTS, SCAN_ROUNDS)

  console.log(`Evicting one key after the other, ${RATE_ROUNDS} times …`)
  const rates = await measureRates(largest, AT_ONCE, RATE_ROUNDS)

  console.log(`Evicting ${show(MANY)} lists while another process sends GETs …`)
  const waits = await measureWaits(largest, redis, startProbe(largestUrl, 'customer:1'), {
    matching: MANY,
    rounds: WAIT_ROUNDS,
    onRound(number, { idle, eviction, scan }) {
      const longest = [idle, eviction, scan].map(({ latencies }) => show(latencies.at(-1) ?? Number.NaN, 2))
      console.log(
        `Round ${number} of ${WAIT_ROUNDS}, longest GET in ms (idle, eviction, SCAN): ${longest.join(', ')}`,
      )
    },
  })

  const fastestScan = Math.min(...scans.map(({ rounds }) => median(rounds)))
  const longest = longestOf(waits, 'eviction')
  const tables = `
Removing ${MATCHING} lists, medians of ${EVICTION_ROUNDS} rounds (${SCAN_ROUNDS} with SCAN):

${costTable(sites, evictions, scans)}

cache.delete of one key, beside ${show(largest.others)} other entries; medians of ${RATE_ROUNDS} rounds:

${rateTable(rates)}

GETs of another process while ${show(MANY)} lists are removed, beside ${show(largest.others)} other entries; medians of ${WAIT_ROUNDS} rounds:

${waitTable(waits)}

${goalTable([
  ...evictions.map((cost) => ({
    what: `${cost.way}: at most ${MOST_GROWTH} times as long with the most others as with the fewest`,
    measured: show(growthOf(cost), 3),
    isMet: growthOf(cost) <= MOST_GROWTH,
  })),
  ...evictions.map((cost) => ({
    what: `${cost.way}: at least ${LEAST_SPEED_UP} times as fast as SCAN and DEL`,
    measured: show(fastestScan / largestOf(cost)),
    isMet: fastestScan / largestOf(cost) >= LEAST_SPEED_UP,
  })),
  {
    what: `the longest GET while ${show(MANY)} entries are evicted, median of the rounds: at most ${LONGEST_WAIT_MS} ms`,
    measured: `${show(median(longest), 1)} (worst ${show(Math.max(...longest), 1)})`,
    isMet: median(longest) <= LONGEST_WAIT_MS,
  },
])}
`
  await reportResult('evict', {
    title: 'What an eviction costs',
    command: 'npm run bench:evict',
    machine: machineOf(new Date(), { Redis: await infoOf(redis, 'redis_version') }),
    tables,
    pictures: [costPicture(sites, evictions, scans), waitPicture(waits)],
  })
}

/** Fills a database with entries of the cache, in the way that any of its users would. */
async function startSite(redisUrl: string, others: number): Promise<Site> {
  const startedAt = performance.now()
  const crm = await startCrm({ redisUrl, ttlSeconds: TTL_SECONDS })
  console.log(`Storing ${show(others)} entries with cache.set …`)
  await storeInCache(crm.cache, customers(others))
  const seconds = show((performance.now() - startedAt) / 1_000, 1, ' s')
  console.log(`Stored in ${seconds}.`)
  return { ...crm, others }
}
