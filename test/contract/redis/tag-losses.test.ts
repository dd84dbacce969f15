import { expect } from 'chai'
import { Random } from '../../consistency/random.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { NO_GRACE, namesUnder, redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

const KEYS = ['a', 'b', 'c:1', 'c:1#en', 'd:2']
const TAGS = ['x', 'y', 'z']
const STEPS = 6_000

describeOnEachClient('a RedisStore whose Redis throws things away at random', (kind) => {
  const redis = redisStoreOfSuite(kind)

  it('serves nothing that carries a tag which was evicted since it was loaded', async function () {
    this.timeout(120_000)
    const seed = Math.floor(Math.random() * 2 ** 32)
    const random = new Random(seed)
    const { store, client, keyPrefix } = redis
    /** When each tag, and each key, was evicted last, and when what lies under a key was loaded. */
    const evictedAt = new Map<string, number>()
    const loads: { key: string; lease: string; at: number }[] = []
    const stored = new Map<string, { at: number; tags: readonly string[] }>()
    let hits = 0

    for (let now = 1; now <= STEPS; now += 1) {
      const key = random.oneOf(KEYS)
      const luck = random.next()
      if (luck < 0.5) {
        const found = await store.lookup(key, NO_GRACE)
        if (found.kind === 'lease') loads.push({ key, lease: found.lease, at: now })
        if (found.kind !== 'hit') continue
        hits += 1
        const { at, tags } = JSON.parse(found.value.toString())
        expect(stored.get(key), `seed ${seed}, step ${now}`).to.deep.equal({ at, tags })
        for (const mark of [`key ${key.split('#')[0]}`, ...tags]) {
          expect(evictedAt.get(mark) ?? 0, `seed ${seed}, step ${now}: ${mark} of ${key}`).to.be.below(at)
        }
      } else if (luck < 0.8) {
        const [load] = loads.splice(random.below(loads.length), 1)
        if (!load) continue
        const tags = TAGS.filter(() => random.chance(0.4))
        const value = Buffer.from(JSON.stringify({ at: load.at, tags }))
        if (await store.fill(load.key, load.lease, value, TTL_MS, tags))
          stored.set(load.key, { at: load.at, tags })
      } else if (luck < 0.92) {
        const tag = random.oneOf(TAGS)
        await store.evict([{ kind: 'tag', tag }])
        evictedAt.set(tag, now)
      } else if (luck < 0.94) {
        await store.evict([{ kind: 'key', key }])
        evictedAt.set(`key ${key}`, now)
      } else {
        const names = (await namesUnder(client, keyPrefix)).sort()
        if (names.length > 0) await client.del(random.oneOf(names))
      }
    }
    expect(hits, `seed ${seed}`).to.be.greaterThan(100)
  })
})
