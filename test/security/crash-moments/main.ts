// Kills writers at random moments of their writes, and says whether anybody read what was there before. Exit code 1 says
// that somebody did.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { startRedis } from '../../support/redis-server.js'
import { crashMoments, LEASE_MS, type Tally } from './crash-moments.js'

const text = { type: 'string' } as const
const { values } = parseArgs({
  options: { moments: text, seed: text, without: { type: 'boolean' }, help: { type: 'boolean' } },
})
if (values.help) {
  console.log(`
node build/test/security/crash-moments/main.js [options]

  --moments 1000  how many writers die
  --seed          repeats the choices of the run that printed it, but not the time that each step takes
  --without       the rule does not say crashSafe`)
  process.exit(0)
}

const seed = Number(values.seed ?? randomInt(2 ** 32))
const moments = Number(values.moments ?? 1_000)
const crashSafe = !values.without
console.log(`seed ${seed}, leaseMs ${LEASE_MS}, ${crashSafe ? 'with' : 'without'} crashSafe`)
const redis = await startRedis()
try {
  const tally = await crashMoments({ redis: redis.url, moments, seed, crashSafe, onRound: tell })
  process.exitCode = tally.old > 0 ? 1 : 0
} finally {
  await redis.stop()
}

function tell({
  killed,
  beforeCommit,
  unanswered,
  answered,
  judged,
  hits,
  old,
  oldForMs,
  broken,
  uncovered,
  story,
}: Tally): void {
  if (killed < moments && killed % 80 !== 0) return
  const died = `${beforeCommit} before the commit, ${unanswered} before the answer, ${answered} after it, ${uncovered} not judged`
  const what = old === 0 ? 'none old' : `${old} old in ${broken} writes, for ${oldForMs} ms`
  console.log(`${killed} killed (${died}): ${judged} answers after the commit, ${hits} hits, ${what}`)
  if (story !== '') console.log(story)
}
