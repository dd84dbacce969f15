// How many customer lists fit into a Redis of 25 MB, as they are and compressed.
import { CommandError } from '#demo/command-error.js'
import { startCrm } from './crm.js'
import { show } from './figures.js'
import type { BarGroup } from './pictures/chart.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { runBench } from './run-bench.js'
import { tableOf } from './table.js'

const REDIS_BYTES = 25_000_000
/** Customers in a list: the demo's default, and what a screen with a long list asks for. */
const LIMITS = [10, 50]
const REQUESTS_AT_ONCE = 10
const TTL_SECONDS = 3_600

await runBench(main)

async function main(): Promise<void> {
  const rows: string[][] = []
  const groups: BarGroup[] = []
  let redisVersion = ''
  for (const limit of LIMITS) {
    const plain = await countLists(limit, false)
    const smaller = await countLists(limit, true)
    redisVersion = smaller.redisVersion
    const { bytes } = plain
    const name = `${limit} customers, ${show(bytes)} bytes`
    groups.push({
      name,
      bars: [
        { name: 'as they are', value: plain.lists },
        { name: 'compressed', value: smaller.lists },
      ],
    })
    rows.push([name, show(plain.lists), show(smaller.lists), show(smaller.lists / plain.lists, 1)])
  }
  const title = `Lists that ${show(REDIS_BYTES / 1e6)} MB of Redis hold, bookkeeping included`
  await reportResult('compress', {
    title,
    command: 'npm run bench:compress',
    machine: machineOf(new Date(), { Redis: redisVersion }),
    tables: tableOf(['list', 'as they are', 'compressed', 'ratio'], rows),
    pictures: [{ kind: 'bars', title, unit: 'lists', groups }],
  })
}

/** Asks for one list after the other until Redis takes no more. */
async function countLists(limit: number, compress: boolean) {
  console.log(`Filling Redis with ${compress ? 'compressed lists' : 'lists'} of ${limit} customers …`)
  const { url: redisUrl, stop } = await startOwnRedis()
  const redis = connectPlain(redisUrl)
  await redis.config('SET', 'maxmemory', REDIS_BYTES)
  const { url, cache } = await startCrm({ redisUrl, ttlSeconds: TTL_SECONDS, compress })
  let isFull = false
  cache.observe(({ type }) => {
    if (type === 'store-down') isFull = true
  })
  let page = 0
  const work = async (): Promise<void> => {
    while (!isFull) {
      const answer = await fetch(`${url}/customers?page=${++page}&limit=${limit}&industry=all`)
      if (!answer.ok) throw new CommandError(`GET /customers was answered with ${answer.status}.`)
      await answer.arrayBuffer()
    }
  }
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, work))
  const names = await redis.keys('customers:list:*')
  const sample = await fetch(`${url}/customers?page=1&limit=${limit}&industry=all`)
  const bytes = (await sample.arrayBuffer()).byteLength
  const redisVersion = await infoOf(redis, 'redis_version')
  await stop()
  return { lists: names.length, bytes, redisVersion }
}
