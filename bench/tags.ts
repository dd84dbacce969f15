// What tags cost: a hit and a fill with them, an eviction by one, and what they take in Redis.

import type { Redis } from 'ioredis'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { forEachAtOnce } from './at-once.js'
import { median, show } from './figures.js'
import { goalTable } from './goals.js'
import { connectPlain, infoOf, startOwnRedis } from './redis.js'
import { machineOf } from './report.js'
import { reportResult } from './report-result.js'
import { atEnd, runBench } from './run-bench.js'

const [FEW, MANY] = [10_000, Number(process.env.ENTRIES ?? 1_000_000)]
const TAGGED = 10
/** Entries of each tag that is evicted. */
const OF_A_TAG = 20
const ROUNDS = 100
const HIT_ROUNDS = 20
const HITS = 5_000
const AT_ONCE = 50
const TTL_MS = 86_400_000
const VALUE = Buffer.from(JSON.stringify({ id: 1, name: 'x'.repeat(200) }))
const MOST_HIT_RATIO = 1.1
const MOST_GROWTH = 1.2
const LONGEST_SCRIPT_US = 5_000

await runBench(main)

async function main(): Promise<void> {
  const { url } = await startOwnRedis()
  const redis = connectPlain(url)
  const few = await openStore(url, 'few:')
  await fillMany(few, FEW, 1)

  const empty = await usedMemory(redis)
  const plain = await openStore(url, 'plain:')
  await fillMany(plain, FEW, 0)
  const untagged = await usedMemory(redis)
  const tagged = await openStore(url, 'tagged:')
  await fillMany(tagged, FEW, TAGGED)
  const ofTagged = await usedMemory(redis)
  const bytesOf = (after: number, before: number) => (after - before) / FEW
  const tagBytes = (bytesOf(ofTagged, untagged) - bytesOf(untagged, empty)) / TAGGED

  console.log(`Asking for ${show(HITS)} hits without tags and with ${TAGGED}, ${HIT_ROUNDS} times in turn …`)
  const hits = await inTurn(HIT_ROUNDS, [() => timeOfHits(plain), () => timeOfHits(tagged)])
  console.log('Filling without tags and with 50 in turn …')
  const fills = await inTurn(ROUNDS, [() => timeOfFill(plain, 0), () => timeOfFill(plain, 50)])

  console.log(`Storing ${show(MANY)} entries with a tag …`)
  const many = await openStore(url, 'many:')
  await fillMany(many, MANY, 1)
  console.log(`Evicting tags of ${OF_A_TAG} entries, ${ROUNDS} times from each in turn …`)
  await redis.config('SET', 'slowlog-log-slower-than', '0', 'slowlog-max-len', '100000')
  await redis.slowlog('RESET')
  const evictions = await inTurn(ROUNDS, [
    (nth) => timeOfEviction(few, nth),
    (nth) => timeOfEviction(many, nth),
  ])
  const all = await startEvictionOfAll(many)
  const longestUs = await longestScript(redis)

  const hitRatio = ratioOf(hits)
  const growth = ratioOf(evictions)
  const tables = `
- a hit with ${TAGGED} tags takes ${show(hitRatio, 3)} times as long as one without
- a fill with 50 tags takes ${show(median(fills[1] ?? []), 2)} ms, one without ${show(median(fills[0] ?? []), 2)} ms
- an eviction of a tag of ${OF_A_TAG} entries takes ${show(median(evictions[0] ?? []), 2)} ms beside ${show(FEW)} entries, ${show(median(evictions[1] ?? []), 2)} ms beside ${show(MANY)}
- ${show(all)} entries were removed by one tag
- a tag of an entry takes ${show(tagBytes)} bytes

${goalTable([
  {
    what: `a hit with ${TAGGED} tags: at most ${MOST_HIT_RATIO} times`,
    measured: show(hitRatio, 3),
    isMet: hitRatio <= MOST_HIT_RATIO,
  },
  {
    what: `an eviction: at most ${MOST_GROWTH} times as long with the most entries`,
    measured: show(growth, 3),
    isMet: growth <= MOST_GROWTH,
  },
  {
    what: `no script over ${LONGEST_SCRIPT_US / 1_000} ms`,
    measured: show(longestUs / 1_000, 2, ' ms'),
    isMet: longestUs <= LONGEST_SCRIPT_US,
  },
])}
`
  const barsOf = ([first, second]: readonly number[][], names: readonly [string, string]) => {
    return [first, second].map((times = [], at) => ({ name: names[at] as string, value: median(times) }))
  }
  const perHit = (times: readonly number[]) => times.map((ms) => ms / HITS)
  await reportResult(
    'tags',
    {
      title: 'What tags cost',
      command: 'npm run bench:tags',
      machine: machineOf(new Date(), { Redis: await infoOf(redis, 'redis_version') }),
      tables,
      pictures: [
        {
          kind: 'bars',
          title: 'What tags cost',
          unit: 'ms',
          groups: [
            {
              name: `a hit, of ${AT_ONCE} at once`,
              bars: barsOf(hits.map(perHit), ['without tags', `${TAGGED} tags`]),
            },
            { name: 'a fill', bars: barsOf(fills, ['without tags', '50 tags']) },
            {
              name: `an eviction of a tag of ${OF_A_TAG} entries`,
              bars: barsOf(evictions, [`beside ${show(FEW)} entries`, `beside ${show(MANY)} entries`]),
            },
          ],
        },
      ],
    },
    process.env.ENTRIES && 'ENTRIES is set',
  )
}

async function openStore(url: string, keyPrefix: string): Promise<RedisStore> {
  const client = connectRedis(url, { onTrouble: () => {} })
  const store = new RedisStore({ client, keyPrefix, deadlineMs: 60_000, ownsClient: true })
  atEnd(() => store.close())
  await store.ready()
  return store
}

function fillMany(store: RedisStore, count: number, tags: number): Promise<void> {
  const ids = Array.from({ length: count }, (_, id) => id)
  return forEachAtOnce(ids, AT_ONCE * 10, (id) => fill(store, `article:${id}`, tagsOf(id, tags)))
}

/** The first is of some entries and of all; the others are of this one. */
function tagsOf(id: number, count: number): string[] | undefined {
  if (count === 0) return undefined
  const own = Array.from({ length: count - 1 }, (_, nth) => `row:${id}:${nth}`)
  return [`author:${Math.floor(id / OF_A_TAG)}`, ...own]
}

async function fill(store: RedisStore, key: string, tags: readonly string[] | undefined): Promise<void> {
  const found = await store.lookup(key, { leaseMs: 60_000, graceMs: 0 })
  if (found.kind === 'lease') await store.fill(key, found.lease, VALUE, TTL_MS, tags)
}

/** Times of each, by rounds in which all have their turn. */
async function inTurn(
  rounds: number,
  measures: readonly ((nth: number) => Promise<number>)[],
): Promise<number[][]> {
  const times: number[][] = measures.map(() => [])
  for (let nth = 0; nth < rounds; nth += 1) {
    for (const [which, measure] of measures.entries()) times[which]?.push(await measure(nth))
  }
  return times
}

function ratioOf([first = [], second = []]: readonly number[][]): number {
  return median(second) / median(first)
}

async function timeOfHits(store: RedisStore): Promise<number> {
  const ids = Array.from({ length: HITS }, (_, id) => id)
  const startedAt = performance.now()
  await forEachAtOnce(ids, AT_ONCE, async (id) => {
    await store.lookup(`article:${id}`, { leaseMs: 60_000, graceMs: 0 })
  })
  return performance.now() - startedAt
}

async function timeOfFill(store: RedisStore, tags: number): Promise<number> {
  const key = 'filled'
  await store.evict([{ kind: 'key', key }])
  const found = await store.lookup(key, { leaseMs: 60_000, graceMs: 0 })
  const startedAt = performance.now()
  if (found.kind === 'lease') await store.fill(key, found.lease, VALUE, TTL_MS, tagsOf(0, tags))
  return performance.now() - startedAt
}

async function timeOfEviction(store: RedisStore, nth: number): Promise<number> {
  const startedAt = performance.now()
  const removed = await store.evict([{ kind: 'tag', tag: `author:${nth}` }])
  const ms = performance.now() - startedAt
  if (removed !== OF_A_TAG) throw new Error(`${removed} entries were removed instead of ${OF_A_TAG}`)
  return ms
}

/** All entries that are left of the first hundred thousand, by what their tags begin with. */
function startEvictionOfAll(store: RedisStore): Promise<number> {
  return store.evict([{ kind: 'tags', prefix: 'author:1' }])
}

async function longestScript(redis: Redis): Promise<number> {
  const entries = (await redis.slowlog('GET', 100_000)) as [
    id: number,
    at: number,
    us: number,
    args: string[],
  ][]
  const scripts = entries.filter(([, , , args]) => /^eval/i.test(args[0] ?? ''))
  return Math.max(...scripts.map(([, , us]) => us))
}

async function usedMemory(redis: Redis): Promise<number> {
  return Number(await infoOf(redis, 'used_memory'))
}
