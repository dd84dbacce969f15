// Fuzzes what comes from Redis and what comes to the front. Exit code 1 says that something was wrong.
import { randomInt } from 'node:crypto'
import { inspect, parseArgs } from 'node:util'
import { startRedis } from '../../support/redis-server.js'
import { fuzzBytes } from './fuzz-bytes.js'
import { fuzzFront } from './fuzz-front.js'
import type { LongestTurn } from './longest-turn.js'

/** In no turn of the event loop may an application work for longer. */
const LONGEST_TURN_MS = 100

const text = { type: 'string' } as const
const { values } = parseArgs({ options: { count: text, seed: text, only: text } })
const count = Number(values.count ?? 100_000)
const seed = Number(values.seed ?? randomInt(2 ** 32))
console.log(`seed ${seed}, ${count.toLocaleString('en')} of each`)

if (values.only !== 'front') {
  const redis = await startRedis()
  const { wrong, longestTurns } = await fuzzBytes(redis.url, { seed, count })
  await redis.stop()
  tell('bytes under keys and on channels', wrong, longestTurns)
}
if (values.only !== 'bytes') {
  const { differences, hits, longestTurns } = await fuzzFront({ seed, count })
  tell(`requests at the front, ${hits.toLocaleString('en')} hits`, differences, longestTurns)
}

function tell(what: string, wrong: readonly unknown[], turns: readonly LongestTurn[]): void {
  const most = (field: keyof LongestTurn) => Math.round(Math.max(...turns.map((turn) => turn[field])))
  const worked = most('workedMs')
  console.log(`${what}: ${wrong.length} wrong`)
  console.log(`  longest turn ${most('passedMs')} ms, longest work in one ${worked} ms`)
  for (const one of wrong) console.log(inspect(one, { depth: 5 }))
  if (wrong.length > 0 || worked > LONGEST_TURN_MS) process.exitCode = 1
}
