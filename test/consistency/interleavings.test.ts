import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { MemoryStore } from '#src/stores/memory/memory-store.js'
import { type Cast, playCast } from './cast.js'
import { explore } from './explore.js'
import { CLUSTER_STORE, inProcess, MEMORY_STORE, REDIS_STORE } from './explored-stores.js'
import {
  abandons,
  commitsCrashSafe,
  composes,
  evicts,
  evictsCrashSafe,
  loses,
  type Part,
  puts,
  putsTagged,
  reads,
  readsRetagged,
  readsTagged,
  readsTaggedWithGrace,
  readsWithGrace,
  STALE_TTL_MS,
  TTL_MS,
  tagOf,
  warms,
} from './parts.js'
import type { Scheduler } from './scheduler.js'
import { type Bookkeeping, KEY, type StoreState, TAG } from './story.js'
import { wander } from './wander.js'

interface Scenario extends Cast {
  readonly title: string
  /** So many there are where each operation is one step. More steps have more, and fewer would be a mistake. */
  readonly leastOrders: number
}

const evictsKey = evicts({ kind: 'key', key: KEY })
const evictsTag = evicts({ kind: 'tag', tag: TAG })
const twoReadersAnd = (writer: Part) => ({ 'reader 1': reads, 'reader 2': reads, writer })
const twoTaggedReadersAnd = (writer: Part) => ({ 'reader 1': readsTagged, 'reader 2': readsTagged, writer })

const SCENARIOS: readonly Scenario[] = [
  { title: 'an eviction by key', parts: twoReadersAnd(evictsKey), leastOrders: 392 },
  {
    title: 'an eviction by pattern',
    parts: twoReadersAnd(evicts({ kind: 'pattern', pattern: 'user:*' })),
    leastOrders: 392,
  },
  {
    title: 'an eviction by glob',
    parts: twoReadersAnd(evicts({ kind: 'glob', glob: 'us?r:[0-9]' })),
    leastOrders: 392,
  },
  {
    // A third, for whom there are an old load and a new one that could be joined.
    title: 'an eviction, with three readers and all in one process',
    parts: { ...twoReadersAnd(evictsKey), 'reader 3': reads },
    inOneProcess: true,
    leastOrders: 1_710,
  },
  {
    title: 'an eviction of a cached value',
    parts: twoReadersAnd(evictsKey),
    cachedForMs: TTL_MS,
    leastOrders: 18,
  },
  {
    title: 'an eviction of a stale value',
    parts: { 'reader 1': readsWithGrace, 'reader 2': readsWithGrace, writer: evictsKey },
    cachedForMs: STALE_TTL_MS,
    leastOrders: 132,
  },
  {
    title: 'an eviction, and a reader that goes away',
    parts: { 'reader 1': abandons, 'reader 2': reads, writer: evictsKey },
    leastOrders: 460,
  },
  {
    title: 'an eviction, and a warmer',
    parts: { reader: reads, warmer: warms, writer: evictsKey },
    leastOrders: 547,
  },
  { title: 'a write whose answer is put', parts: twoReadersAnd(puts), leastOrders: 782 },
  {
    title: 'two writes whose answers are put',
    parts: { reader: reads, 'writer 1': puts, 'writer 2': puts },
    leastOrders: 1_582,
  },
  {
    title: 'a write whose answer is put, and an eviction',
    parts: { reader: reads, 'writer 1': puts, 'writer 2': evictsKey },
    leastOrders: 547,
  },
]

/** Loads find out only at their end what they carry. */
const TAGGED: readonly Scenario[] = [
  { title: 'an eviction by tag', parts: twoTaggedReadersAnd(evictsTag), leastOrders: 240 },
  {
    title: 'an eviction of tags that begin alike',
    parts: twoTaggedReadersAnd(evicts({ kind: 'tags', prefix: 'row:' })),
    leastOrders: 240,
  },
  {
    title: 'an eviction by tag, with three readers and all in one process',
    parts: { ...twoTaggedReadersAnd(evictsTag), 'reader 3': readsTagged },
    inOneProcess: true,
    leastOrders: 2_664,
  },
  {
    title: 'an eviction by tag of a cached value',
    parts: twoTaggedReadersAnd(evictsTag),
    ...{ cachedForMs: TTL_MS, cachedTags: [TAG] },
    leastOrders: 18,
  },
  {
    title: 'an eviction by tag of a stale value',
    parts: { 'reader 1': readsTaggedWithGrace, 'reader 2': readsTaggedWithGrace, writer: evictsTag },
    ...{ cachedForMs: STALE_TTL_MS, cachedTags: [TAG] },
    leastOrders: 132,
  },
  {
    title: 'an eviction by tag, and one by key',
    parts: { reader: readsTagged, 'writer 1': evictsTag, 'writer 2': evictsKey },
    leastOrders: 210,
  },
  {
    title: 'an eviction by tag of a cached value, and of what is made of it',
    parts: { composer: composes, reader: readsRetagged, writer: evicts({ kind: 'tag', tag: tagOf(1) }) },
    ...{ cachedForMs: TTL_MS, cachedTags: [tagOf(1)] },
    leastOrders: 99,
  },
  {
    title: 'an eviction by tag, and a write whose answer is put with that tag',
    parts: { reader: readsTagged, 'writer 1': putsTagged, 'writer 2': evictsTag },
    leastOrders: 547,
  },
]

/** A store that ends with its writers has none of this. */
const CRASH_SAFE: readonly Scenario[] = [
  {
    title: 'an eviction that was told ahead',
    parts: { reader: reads, writer: evictsCrashSafe({ kind: 'key', key: KEY }) },
    leastOrders: 16,
  },
  {
    title: 'an eviction by tag that was told ahead',
    parts: { reader: readsTagged, writer: evictsCrashSafe({ kind: 'tag', tag: TAG }) },
    leastOrders: 20,
  },
  {
    title: 'a writer that dies after its commit, having told ahead what it evicts by tag',
    parts: twoTaggedReadersAnd(commitsCrashSafe({ kind: 'tag', tag: TAG })),
    leastOrders: 200,
  },
]

/** What a Redis with an eviction policy may lose at any moment. */
const LOSSES: readonly Scenario[] = [
  {
    title: 'an eviction, and the loss of the index',
    parts: { reader: reads, writer: evictsKey, redis: loses('index') },
    leastOrders: 60,
  },
  {
    title: 'an eviction of a cached value, and the loss of the index',
    parts: { ...twoReadersAnd(evictsKey), redis: loses('index') },
    cachedForMs: TTL_MS,
    leastOrders: 650,
  },
  {
    title: 'an eviction of a stale value, and the loss of the index',
    parts: { reader: readsWithGrace, writer: evictsKey, redis: loses('index') },
    cachedForMs: STALE_TTL_MS,
    leastOrders: 60,
  },
  {
    title: 'an eviction, and the loss of the lease',
    parts: { reader: reads, writer: evictsKey, redis: loses('lease') },
    leastOrders: 60,
  },
  {
    title: 'a write whose answer is put, and the loss of the index',
    parts: { reader: reads, writer: puts, redis: loses('index') },
    leastOrders: 138,
  },
  {
    title: 'two writes whose answers are put, and the loss of the fences',
    parts: { 'writer 1': puts, 'writer 2': puts, redis: loses('fences') },
    leastOrders: 140,
  },
  {
    title: 'an eviction, a warmer, and the loss of the fences',
    parts: { warmer: warms, writer: evictsKey, redis: loses('fences') },
    leastOrders: 60,
  },
]

const tagLosses = (kinds: readonly Bookkeeping[]): readonly Scenario[] =>
  kinds.flatMap((what) => [
    {
      title: `an eviction by tag, and the loss of the ${what}`,
      parts: { reader: readsTagged, writer: evictsTag, redis: loses(what) },
      leastOrders: 60,
    },
    {
      title: `an eviction by tag of a cached value, and the loss of the ${what}`,
      parts: { reader: readsTagged, writer: evictsTag, redis: loses(what) },
      ...{ cachedForMs: TTL_MS, cachedTags: [TAG] },
      leastOrders: 10,
    },
  ])

/** The longest: of the engine they show more than of a store, and two puts also meet among the losses. */
const LEFT_OUT = [
  'an eviction, with three readers and all in one process',
  'an eviction, and a reader that goes away',
  'two writes whose answers are put',
]
/** Of tags too. */
const TAGGED_LEFT_OUT = [
  'an eviction of tags that begin alike',
  'an eviction by tag, with three readers and all in one process',
]
/** Of a cluster the single commands are explored, too. */
const LEFT_OUT_IN_A_CLUSTER = [
  ...LEFT_OUT,
  'an eviction by glob',
  'an eviction, and a warmer',
  'a write whose answer is put, and an eviction',
]

/**
 * Where each step is a round trip, some of the longest are drawn. In a cluster an operation is many commands, whose orders
 * `cluster-commands.test.ts` tries. All of them: `ORDERS=all`; those of a failure again: `WALK_SEED` and the seed it tells.
 */
const WALKED = { walks: 150, seed: Number(process.env.WALK_SEED ?? randomInt(2 ** 31)) }
const isLong = ({ leastOrders }: Scenario) => leastOrders > 300 && process.env.ORDERS !== 'all'

const scenariosBut = (titles: readonly string[], scenarios = SCENARIOS) =>
  scenarios.filter(({ title }) => !titles.includes(title))

describe('every order in which readers and writers can meet', function () {
  this.timeout(120_000)

  const rows = [
    { store: MEMORY_STORE, scenarios: [...SCENARIOS, ...TAGGED] },
    {
      store: REDIS_STORE,
      scenarios: [
        ...[...scenariosBut(LEFT_OUT), ...scenariosBut(TAGGED_LEFT_OUT, TAGGED)],
        ...[...CRASH_SAFE, ...LOSSES, ...tagLosses(['index', 'tags', 'marks', 'record', 'lease'])],
      ],
    },
    {
      store: CLUSTER_STORE,
      scenarios: [
        ...[...scenariosBut(LEFT_OUT_IN_A_CLUSTER), ...scenariosBut(TAGGED_LEFT_OUT, TAGGED)],
        ...[...LOSSES, ...tagLosses(['index', 'marks', 'lease'])],
      ],
    },
  ]
  for (const { store, scenarios } of rows) {
    describe(`leaves nothing stale in the ${store.title}`, () => {
      before(async function () {
        await store.setUp(this)
      })
      after(() => store.tearDown())

      for (const scenario of scenarios) {
        it(scenario.title, async function () {
          const fresh = (scheduler: Scheduler) => store.fresh(scheduler)
          if (store !== MEMORY_STORE && isLong(scenario)) {
            await wander((scheduler) => playCast(scenario, scheduler, fresh(scheduler)), WALKED)
            if (this.test) this.test.title += `: ${WALKED.walks} orders at random`
            return
          }
          const count = await exploreCast(scenario, fresh)
          expect(count).to.be.at.least(scenario.leastOrders)
          if (this.test) this.test.title += `: ${count} orders`
        })
      }
    })
  }

  it('has some that leave something stale in a store whose fills ignore the lease', async () => {
    class Careless extends MemoryStore {
      override async fill(key: string, _lease: string, value: Buffer, ttlMs: number): Promise<boolean> {
        await this.set(key, value, ttlMs)
        return true
      }
    }
    const exploring = exploreCast({ parts: { reader: reads, writer: evictsKey } }, (scheduler) =>
      inProcess(scheduler, new Careless()),
    )
    const problem = await exploring.then(
      (count) => `none of ${count}`,
      (error: Error) => error.message,
    )
    expect(problem.split('\n')).to.deep.equal([
      'the version that stays: expected 1 to equal 2, in this order:',
      'reader: lookup',
      'reader: reads the database',
      'writer: writes the database',
      'writer: evict',
      'reader: fill',
    ])
  })
})

function exploreCast(cast: Cast, fresh: (scheduler: Scheduler) => StoreState): Promise<number> {
  return explore((scheduler) => playCast(cast, scheduler, fresh(scheduler)))
}
