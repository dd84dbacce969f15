import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { type Cast, playCast } from './cast.js'
import { explore } from './explore.js'
import { areInOtherPlaces, CLUSTER_STORE_BY_COMMANDS as STORE } from './explored-stores.js'
import {
  composes,
  evicts,
  loses,
  puts,
  putsTagged,
  reads,
  readsRetagged,
  readsRetaggedWithGrace,
  readsTagged,
  readsWithGrace,
  STALE_TTL_MS,
  TTL_MS,
  tagOf,
  warms,
} from './parts.js'
import { Scheduler } from './scheduler.js'
import { KEY, TAG } from './story.js'
import { wander } from './wander.js'

/** For each cast. More of them by `WALKS=5000`; the ones of a failure again by `WALK_SEED` and the seed it tells. */
const WALKS = 75
/** Of the casts with so many orders, some are drawn. All of them: `ORDERS=all`. */
const MANY_ORDERS = 300
const DRAWN_OF_MANY = 150

const evictsKey = evicts({ kind: 'key', key: KEY })
const evictsPattern = evicts({ kind: 'pattern', pattern: 'user:*' })
const evictsTag = evicts({ kind: 'tag', tag: TAG })
/** Of the row as the story begins. */
const evictsFirst = evicts({ kind: 'tag', tag: tagOf(1) })
const twoTaggedReaders = { 'reader 1': readsTagged, 'reader 2': readsTagged }
const twoReaders = { 'reader 1': reads, 'reader 2': reads }
const twoReadersWithGrace = { 'reader 1': readsWithGrace, 'reader 2': readsWithGrace }

/** One order of each class is played; a store that sends fewer commands has fewer classes than `leastOrders`. */
const SMALL_CASTS: readonly (Cast & { readonly title: string; readonly leastOrders: number })[] = [
  { title: 'an eviction by key', parts: { reader: reads, writer: evictsKey }, leastOrders: 490 },
  { title: 'an eviction by pattern', parts: { reader: reads, writer: evictsPattern }, leastOrders: 190 },
  {
    title: 'an eviction of a cached value',
    parts: { reader: reads, writer: evictsKey },
    cachedForMs: TTL_MS,
    leastOrders: 144,
  },
  {
    title: 'an eviction of a stale value',
    parts: { reader: readsWithGrace, writer: evictsKey },
    cachedForMs: STALE_TTL_MS,
    leastOrders: 554,
  },
  { title: 'a write whose answer is put', parts: { reader: reads, writer: puts }, leastOrders: 430 },
  { title: 'an eviction by tag', parts: { reader: readsTagged, writer: evictsTag }, leastOrders: 126 },
  {
    title: 'an eviction by tag of a cached value',
    parts: { reader: readsTagged, writer: evictsTag },
    ...{ cachedForMs: TTL_MS, cachedTags: [TAG] },
    leastOrders: 144,
  },
  {
    title: 'an eviction by tag of a stale value whose successor carries another',
    parts: { reader: readsRetaggedWithGrace, writer: evictsFirst },
    ...{ cachedForMs: STALE_TTL_MS, cachedTags: [tagOf(1)] },
    leastOrders: 716,
  },
]

/** With far too many orders: the first has some 10^14 (estimated as in Knuth, 1975, from 1,500 random ones). */
const LARGE_CASTS: readonly (Cast & { readonly title: string })[] = [
  { title: 'an eviction', parts: { ...twoReaders, writer: evictsKey } },
  {
    title: 'an eviction of a stale value, and the loss of the index',
    parts: { ...twoReadersWithGrace, writer: evictsKey, redis: loses('index') },
    cachedForMs: STALE_TTL_MS,
  },
  {
    title: 'an eviction of a cached value, and the loss of the index',
    parts: { ...twoReaders, writer: evictsPattern, redis: loses('index') },
    cachedForMs: TTL_MS,
  },
  {
    title: 'an eviction, and the loss of the index',
    parts: { ...twoReaders, writer: evictsKey, redis: loses('index') },
  },
  {
    title: 'an eviction, and the loss of the lease',
    parts: { ...twoReaders, writer: evictsKey, redis: loses('lease') },
  },
  {
    title: 'a write whose answer is put, and the loss of the index',
    parts: { ...twoReaders, writer: puts, redis: loses('index') },
  },
  {
    title: 'an eviction, a warmer, and the loss of the fences',
    parts: { reader: reads, warmer: warms, writer: evictsKey, redis: loses('fences') },
  },
  {
    title: 'an eviction by tag of a cached value, and of what is made of it',
    parts: { composer: composes, reader: readsRetagged, writer: evictsFirst },
    ...{ cachedForMs: TTL_MS, cachedTags: [tagOf(1)] },
  },
  {
    title: 'an eviction by tag of a cached value, and of what is made of it, and the loss of the index',
    parts: { composer: composes, reader: readsRetagged, writer: evictsFirst, redis: loses('index') },
    ...{ cachedForMs: TTL_MS, cachedTags: [tagOf(1)] },
  },
  {
    title: 'an eviction by tag, and the loss of the marks',
    parts: { ...twoTaggedReaders, writer: evictsTag, redis: loses('marks') },
  },
  {
    title: 'an eviction by tag, and one by key',
    parts: { ...twoTaggedReaders, 'writer 1': evictsTag, 'writer 2': evictsKey },
  },
  {
    title: 'an eviction by tag of a stale value whose successor carries another, and the loss of the lease',
    parts: {
      ...{ 'reader 1': readsRetaggedWithGrace, 'reader 2': readsRetaggedWithGrace },
      ...{ writer: evictsFirst, redis: loses('lease') },
    },
    ...{ cachedForMs: STALE_TTL_MS, cachedTags: [tagOf(1)] },
  },
  {
    title: 'an eviction by tag of a cached value, and the loss of the index',
    parts: { ...twoTaggedReaders, writer: evictsTag, redis: loses('index') },
    ...{ cachedForMs: TTL_MS, cachedTags: [TAG] },
  },
  {
    title: 'an eviction by tag, and a write whose answer is put with that tag',
    parts: { reader: readsTagged, 'writer 1': putsTagged, 'writer 2': evictsTag },
  },
]

const walkSeed = () => Number(process.env.WALK_SEED ?? randomInt(2 ** 32))

describe('every order of commands to a Redis Cluster leaves nothing stale', function () {
  this.timeout(300_000)

  before(async function () {
    await STORE.setUp(this)
  })
  after(() => STORE.tearDown())
  const playing = (cast: Cast) => (scheduler: Scheduler) => playCast(cast, scheduler, STORE.fresh(scheduler))

  for (const cast of SMALL_CASTS) {
    it(`of one reader and ${cast.title}`, async function () {
      if (cast.leastOrders > MANY_ORDERS && process.env.ORDERS !== 'all') {
        await wander(playing(cast), { walks: DRAWN_OF_MANY, seed: walkSeed() })
        if (this.test) this.test.title += `: ${DRAWN_OF_MANY} orders at random`
        return
      }
      const count = await explore(playing(cast), areInOtherPlaces)
      expect(count).to.be.at.least(cast.leastOrders)
      if (this.test) this.test.title += `: ${count} orders`
    })
  }

  for (const cast of LARGE_CASTS) {
    it(`drawn at random, of readers and ${cast.title}`, async function () {
      const walks = Number(process.env.WALKS ?? WALKS)
      await wander(playing(cast), { walks, seed: walkSeed() })
      if (this.test) this.test.title += `: ${walks} orders`
    })
  }

  it('not even of a reader that could join an old load, whose key an eviction does not find any more', async () => {
    const cast: Cast = {
      parts: { ...twoReaders, writer: evictsPattern, redis: loses('index') },
      inOneProcess: true,
    }
    // Too rare to be drawn. The first reader has loaded when all the others come, and stores last.
    const scheduler = new Scheduler((steps) => {
      const hasLoaded = scheduler.steps.some(({ label }) => label === 'reads the database')
      const turns = hasLoaded ? ['redis', 'writer', 'reader 2', 'reader 1'] : ['reader 1']
      const next = turns.find((turn) => steps.some(({ actor }) => actor === turn))
      return steps.findIndex(({ actor }) => actor === next)
    })
    await playing(cast)(scheduler)
  })

  it('not even of what is made of a value that goes while its tags are read', async () => {
    const cast: Cast = {
      parts: { composer: composes, writer: evictsFirst, reader: readsRetagged },
      ...{ cachedForMs: TTL_MS, cachedTags: [tagOf(1)] },
    }
    // Too rare to be drawn. The composer has read the value when all the others come, who store a newer one.
    const scheduler = new Scheduler((steps) => {
      const reads = scheduler.steps.filter(({ label }) => label === 'cacheableTags').length
      const isReading = steps.some(({ actor, label }) => actor === 'composer' && label === 'cacheableTags')
      const turns =
        reads === 1 && isReading ? ['writer', 'reader', 'composer'] : ['composer', 'writer', 'reader']
      const next = turns.find((turn) => steps.some(({ actor }) => actor === turn))
      return steps.findIndex(({ actor }) => actor === next)
    })
    await playing(cast)(scheduler)
  })
})
