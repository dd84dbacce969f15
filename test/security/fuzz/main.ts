// Fuzzes what comes from Redis and what comes to the front. Exit code 1 says that something was wrong.
import { randomInt } from 'node:crypto'
import { inspect, parseArgs } from 'node:util'
import { startRedis } from '../../support/redis-server.js'
import { fuzzBytes } from './fuzz-bytes.js'
import { fuzzFront } from './fuzz-front.js'

/** No turn of the event loop may be longer. */
const LONGEST_TURN_MS = 100

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { count: text, seed: text, only: text } })
const count = Number(values.count ?? 100_000)
const seed = Number(values.seed ?? randomInt(2 ** 32))
console.log(`seed ${seed}, ${count.toLocaleString('en')} of each`)

if (values.only !== 'front') {
  const redis = await startRedis()
  const { wrong, longestTurnMs } = await fuzzBytes(redis.url, { seed, count })
  await redis.stop()
  tell('bytes under keys and on channels', wrong, longestTurnMs)
}
if (values.only !== 'bytes') {
  const { differences, hits, longestTurnMs } = await fuzzFront({ seed, count })
  tell(`requests at the front, ${hits.toLocaleString('en')} hits`, differences, longestTurnMs)
}

function tell(what: string, wrong: readonly unknown[], longestTurnMs: number): void {
  console.log(`${what}: ${wrong.length} wrong, longest turn ${Math.round(longestTurnMs)} ms`)
  for (const one of wrong) console.log(inspect(one, { depth: 5 }))
  if (wrong.length > 0 || longestTurnMs > LONGEST_TURN_MS) process.exitCode = 1
}
