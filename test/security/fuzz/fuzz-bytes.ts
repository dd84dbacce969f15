import { randomBytes as randomId } from 'node:crypto'
import type { Redis } from 'ioredis'
import { Random } from '../../consistency/random.js'
import { LightClient } from '../../support/light-client.js'
import { adminClient } from '../../support/redis-admin.js'
import type { Fuzzing } from './fuzz-front.js'
import { startFuzzed } from './fuzzed.js'
import type { LongestTurn } from './longest-turn.js'
import { randomBytes } from './random-bytes.js'

export interface BytesOutcome {
  /** Answers that are neither the handler's nor the JSON that was planted. */
  readonly wrong: readonly { readonly nth: number; readonly planted: string; readonly got: string }[]
  readonly longestTurns: readonly LongestTurn[]
}

const KEYS = 20
const HANDLERS = /^\{"id":"\d+","q":null\}$/

/** Puts random bytes under the keys of applications and sends them on their channels, and asks all the time. */
export async function fuzzBytes(redis: string, { seed, count, most = 20 }: Fuzzing): Promise<BytesOutcome> {
  const random = new Random(seed)
  const keyPrefix = `fuzz-${randomId(6).toString('hex')}:`
  const admin = adminClient(Number(new URL(redis).port))
  const options = { redis, keyPrefix, deadlineMs: 5_000 }
  const apps = [
    await startFuzzed('express', options),
    await startFuzzed('front', options),
    await startFuzzed('front', { ...options, memory: { maxBytes: 1_000_000, maxAgeMs: 50 } }),
  ]
  const client = new LightClient(20_000)
  const wrong: { nth: number; planted: string; got: string }[] = []
  try {
    for (let key = 0; key < KEYS; key++) {
      for (const app of apps)
        for (let turn = 0; turn < 4; turn++) await client.ask('GET', `${app.url}/rows/${key}`)
    }
    const channels = await channelsOf(admin, keyPrefix)
    for (let nth = 0; nth < count && wrong.length < most; nth++) {
      const bytes = randomBytes(random)
      const key = random.below(KEYS)
      if (random.chance(0.5)) {
        await admin.publish(random.oneOf(channels), bytes)
        continue
      }
      await admin.set(`${keyPrefix}row:${key}:none`, bytes, 'PX', 600_000)
      const app = random.oneOf(apps)
      const { status, text } = await client.ask('GET', `${app.url}/rows/${key}`).catch((error: Error) => ({
        status: 0,
        text: String(error),
      }))
      if (status !== 200 || !(HANDLERS.test(text) || isPlanted(text, bytes))) {
        wrong.push({
          nth,
          planted: bytes.toString('latin1').slice(0, 200),
          got: `${status} ${text.slice(0, 200)}`,
        })
      }
    }
    return {
      wrong,
      longestTurns: await Promise.all(apps.map((app) => app.longestTurn())),
    }
  } finally {
    client.close()
    await Promise.all(apps.map((app) => app.stop()))
    for (const name of await admin.keys(`*${keyPrefix}*`)) await admin.unlink(name)
    admin.disconnect()
  }
}

async function channelsOf(admin: Redis, keyPrefix: string): Promise<string[]> {
  const names = (await admin.call('PUBSUB', 'CHANNELS', '*')) as string[]
  const ours = names.filter((name) => name.includes(keyPrefix))
  if (ours.length === 0) throw new Error('nobody listens')
  return ours
}

/** What a script may write there: JSON, or a message whose body it is. */
function isPlanted(text: string, bytes: Buffer): boolean {
  const planted = bytes.toString('utf8')
  if (planted === text) return isJson(text)
  return planted.startsWith('HTTP/1.1 200\r\n') && planted.endsWith(`\r\n\r\n${text}`)
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
