import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { lookup } from '#src/stores/redis/redis-scripts.js'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { interceptedClient } from '../../support/intercepted-client.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { NO_GRACE, nth, redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

describeOnEachClient('RedisStore', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { write, writeMany, leaseOn, index } = redis
  let client: Redis
  let keyPrefix: string
  let store: RedisStore
  beforeEach(() => {
    ;({ client, keyPrefix, store } = redis)
  })

  describe('lookups of one turn', () => {
    /** How many have been sent. */
    let scripts: number
    beforeEach(async () => {
      const counting = interceptedClient(redis.tested, lookup, (send) => {
        scripts += 1
        return send()
      })
      store = redis.storeOn(counting)
      await store.ready()
      await store.get('first')
      scripts = 0
    })
    afterEach(() => store.close())

    it('go in one script, and each gets an answer of its own', async () => {
      await Promise.all([write('fresh'), client.set(`${keyPrefix}foreign`, 'x', 'PX', TTL_MS)])
      const held = await leaseOn('held')
      await store.fill('stale', await leaseOn('stale'), Buffer.from('old'), TTL_MS)
      const before = scripts
      const [fresh, stale, foreign, again, busy, full, got, none] = await Promise.all([
        store.lookup('fresh', NO_GRACE),
        store.lookup('stale', { ...NO_GRACE, graceMs: 2 * TTL_MS }),
        store.lookup('foreign', NO_GRACE),
        store.lookup('foreign', NO_GRACE),
        store.lookup('held', NO_GRACE),
        store.lookup('f-full', { ...NO_GRACE, keyLimit: { prefix: 'f', maxKeys: 2 } }),
        store.get('stale'),
        store.get('held'),
      ])
      // The second is of the one who asked for the same as another, and for whom no lease was left.
      expect(scripts).to.equal(before + 2)
      if (foreign.kind !== 'lease') throw new Error(`no lease but ${foreign.kind}`)
      if (fresh.kind !== 'hit' || stale.kind !== 'lease') throw new Error(`${fresh.kind}, ${stale.kind}`)
      expect(String(fresh.value)).to.equal('fresh')
      expect(String(stale.stale?.value)).to.equal('old')
      expect([fresh.remainingMs, stale.stale?.remainingMs]).to.satisfy((lives: number[]) =>
        lives.every((ms) => ms > 0 && ms <= TTL_MS),
      )
      expect(foreign.stale).to.equal(null)
      expect(again).to.deep.equal({ kind: 'busy', lease: foreign.lease, stale: null })
      expect(busy).to.deep.equal({ kind: 'busy', lease: held, stale: null })
      expect(full).to.deep.equal({ kind: 'full' })
      expect(String(got?.value)).to.equal('old')
      expect(none).to.equal(null)
    })

    it('go in several if they are many', async () => {
      await writeMany(250)
      const before = scripts
      const found = await Promise.all(Array.from({ length: 250 }, (_, id) => store.get(nth(id))))
      expect(scripts).to.equal(before + 3)
      expect(found.map((one) => String(one?.value))).to.deep.equal(
        Array.from({ length: 250 }, (_, id) => nth(id)),
      )
    })

    it('go in several if the values are large', async () => {
      const keys = Array.from({ length: 10 }, (_, id) => nth(id))
      for (const key of keys) await write(key, key.padEnd(400_000))
      for (const expected of [1, 4]) {
        const before = scripts
        const found = await Promise.all(keys.map((key) => store.get(key)))
        expect(scripts).to.equal(before + expected)
        expect(found.map((one) => String(one?.value).trim())).to.deep.equal(keys)
      }
    })
  })

  it('goes on after the scripts were flushed', async () => {
    await write('a')
    await client.script('FLUSH')
    expect((await store.get('a'))?.value.toString()).to.equal('a')
    await client.script('FLUSH')
    expect(await store.evict([{ kind: 'key', key: 'a' }])).to.equal(1)
  })

  it('gives the lease again to a lookup that a cut connection brought twice', async () => {
    const lease = await leaseOn('a')
    const names = [index(), `${keyPrefix}#marks`, `${keyPrefix}#intents`]
    const again = await client.eval(lookup.lua, 3, ...names, keyPrefix, '', 'a', lease, 60_000, 0, '', '', '')
    expect(again).to.deep.equal([['lease', lease, null], 0])
    expect((await store.lookup('a', NO_GRACE)).kind).to.equal('busy')
  })
})
