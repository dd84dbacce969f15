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
/** Nobody tells an application of what is planted, so it may go on with its copy of what was there for so long. */
const COPIES_FOR_MS = 50
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
    await startFuzzed('front', { ...options, memory: { maxBytes: 1_000_000, maxAgeMs: COPIES_FOR_MS } }),
  ]
  const withCopies = apps.at(-1)
  const client = new LightClient(20_000)
  const plants = new Plants()
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
      const there = plants.plant(key, bytes, app === withCopies)
      const { status, text } = await client.ask('GET', `${app.url}/rows/${key}`).catch((error: Error) => ({
        status: 0,
        text: String(error),
      }))
      if (status !== 200 || !(HANDLERS.test(text) || there.some((planted) => isPlanted(text, planted)))) {
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

/** What has been planted under each key lately. */
class Plants {
  readonly #byKey = new Map<number, { readonly bytes: Buffer; replacedAt: number }[]>()

  /** @returns What may be served now, by one that has copies or by one that has none. */
  plant(key: number, bytes: Buffer, hasCopies: boolean): readonly Buffer[] {
    const now = performance.now()
    const before = this.#byKey.get(key) ?? []
    const last = before.at(-1)
    if (last) last.replacedAt = now
    const recent = before.filter(({ replacedAt }) => now - replacedAt <= COPIES_FOR_MS)
    this.#byKey.set(key, [...recent, { bytes, replacedAt: Number.POSITIVE_INFINITY }])
    return hasCopies ? [...recent.map((planted) => planted.bytes), bytes] : [bytes]
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
