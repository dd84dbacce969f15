// How fast a hit is, beside what users would pick instead and beside what no cache can be faster than.
import { goalTable } from './goals.js'
import { carefulByHand, guideByHand } from './hits/by-hand.js'
import { checkHits, checkLoads, loadsOf } from './hits/check-hits.js'
import { expressConstant } from './hits/constants.js'
import { hitGoals, latencyGoals, missGoals } from './hits/hit-goals.js'
import { peers } from './hits/installed-peers.js'
import { pathOf, SIZES } from './hits/items.js'
import { freshPathOf, noCache, oursRedis } from './hits/ours.js'
import { startSubject } from './hits/running-subject.js'
import type { Subject } from './hits/subject.js'
import { HIT_SUBJECTS, MISS_SUBJECTS, SUBJECTS } from './hits/subjects.js'
import { type Target, type TargetResult, targetsOf } from './hits/targets.js'
import { windowTable } from './hits/window-table.js'
import { measureWindow } from './hits/windows.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { loadAverage, machineOf } from './report.js'
import { runRounds } from './rounds.js'
import { runBench } from './run-bench.js'

const CONNECTIONS = 16
const MANY_CONNECTIONS = 64
const ROUNDS = 10
const CROWDED_SUBJECTS = [oursRedis, carefulByHand, guideByHand]

await runBench(main)

async function main(): Promise<void> {
  await peers.install()
  const redis = await startOwnRedis()
  const redisVersion = await infoOf(connectPlain(redis.url), 'redis_version')
  console.log(`Starting ${SUBJECTS.length} apps …`)
  const running = await Promise.all(
    SUBJECTS.map((subject, database) => startSubject(subject, `${redis.url}/${database}`)),
  )
  const answering = running.filter(({ subject }) => HIT_SUBJECTS.includes(subject))
  for (const subject of answering) await checkHits(subject)
  console.log(`The answers of ${answering.length} apps are the same.`)

  const hitTargets = targetsOf(running, HIT_SUBJECTS, pathOf)
  const crowdedTargets = targetsOf(running, CROWDED_SUBJECTS, pathOf)
  const missTargets = targetsOf(running, MISS_SUBJECTS, freshPathOf)
  const loads = await loadsOf(answering)
  await measure('Hits, warming up', hitTargets, CONNECTIONS, 1)
  const hits = await measure('Hits', hitTargets, CONNECTIONS, ROUNDS)
  await checkLoads(answering, loads)
  const crowded = await measure('Hits, many connections', crowdedTargets, MANY_CONNECTIONS, ROUNDS)
  await checkLoads(answering, loads)
  await measure('Misses, warming up', missTargets, CONNECTIONS, 1)
  const misses = await measure('Misses', missTargets, CONNECTIONS, ROUNDS)

  const tables = (results: readonly TargetResult[], subjects: readonly Subject[], reference: Subject) =>
    SIZES.map((size) => windowTable(results, subjects, reference, size)).join('\n\n')
  console.log(`
${machineOf(new Date(), { Redis: redisVersion, 'load average': loadAverage(), packages: peers.versions() })}

Hits under ${CONNECTIONS} connections, ${ROUNDS} rounds; ratios to ${expressConstant.name}:

${tables(hits, HIT_SUBJECTS, expressConstant)}

Hits under ${MANY_CONNECTIONS} connections; ratios to ${carefulByHand.name}:

${tables(crowded, CROWDED_SUBJECTS, carefulByHand)}

Misses under ${CONNECTIONS} connections; ratios to ${noCache.name}:

${tables(misses, MISS_SUBJECTS, noCache)}

Goals; the figures are those of 600 bytes and of 12 kB:

${goalTable([...hitGoals(hits), ...missGoals(misses), ...latencyGoals(crowded, MANY_CONNECTIONS)])}
`)
}

function measure(
  what: string,
  targets: readonly Target[],
  connections: number,
  rounds: number,
): Promise<TargetResult[]> {
  return runRounds(targets, ({ running, path }) => measureWindow(running, path, connections), {
    rounds,
    onRound: (number) => console.log(`${what}: round ${number} of ${rounds}`),
  })
}
