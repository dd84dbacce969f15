// What one Redis carries: messages, CPU and connections of a fleet as it grows, and what a cluster changes.
import { CommandError } from '#demo/command-error.js'
import { connectPlain, infoOf, startOwnRedis } from '../redis.js'
import { machineOf } from '../report.js'
import { reportResult } from '../report-result.js'
import { runBench } from '../run-bench.js'
import { measureCluster } from './cluster.js'
import { measureEvictions } from './evictions.js'
import { measureLeases } from './leases.js'
import { measureOutages } from './outages.js'
import type { Part } from './part.js'
import { measureRest } from './rest.js'

const PARTS: Readonly<Record<string, () => Promise<Part>>> = {
  rest: measureRest,
  evictions: measureEvictions,
  leases: measureLeases,
  outages: measureOutages,
  cluster: measureCluster,
}

await runBench(main)

async function main(): Promise<void> {
  const { ONLY = Object.keys(PARTS).join(), SIZES } = process.env
  const { url, stop } = await startOwnRedis()
  const version = await infoOf(connectPlain(url), 'redis_version')
  await stop()
  for (const name of ONLY.split(',')) {
    const measure = PARTS[name]
    if (!measure) throw new CommandError(`ONLY=${name}: give some of ${Object.keys(PARTS).join(', ')}.`)
    const part = await measure()
    const result = {
      ...part,
      command: `ONLY=${name} npm run bench:scaling`,
      machine: machineOf(new Date(), { Redis: version }),
    }
    await reportResult(`scaling-${name}`, result, SIZES && 'SIZES is set')
  }
}
