import { expect } from 'chai'
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { globMatcher } from '#src/keys/glob.js'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { redisStoreOfSuite } from './redis-store-of-suite.js'

describeOnEachClient('RedisStore', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { write } = redis
  let client: Redis
  let keyPrefix: string
  let store: RedisStore
  beforeEach(() => {
    ;({ client, keyPrefix, store } = redis)
  })

  it('reads globs as KEYS does', async function () {
    this.timeout(60_000)
    const text = (characters: string[], maxLength: number) =>
      fc.array(fc.constantFrom(...characters), { minLength: 1, maxLength }).map((parts) => parts.join(''))
    const keys = fc.uniqueArray(text(['a', 'b', ':', '-', '*', ']', '\\', '^', 'é'], 4), {
      minLength: 1,
      maxLength: 20,
    })
    // How KEYS orders bytes above 127 in a range depends on the machine (a C `char` may be signed).
    const globs = text(['a', 'b', ':', '*', '?', '[', ']', '^', '-', '\\', 'é', '[^', '[a-'], 7).filter(
      (glob) => !/-\\?é|é-/.test(glob),
    )
    await fc.assert(
      fc.asyncProperty(keys, globs, async (written, glob) => {
        await store.evict([{ kind: 'pattern', pattern: '*' }])
        await Promise.all(written.map((key) => write(key)))
        const listed = new Set(await client.keys(keyPrefix + glob))
        const covered = written.filter((key) => listed.has(keyPrefix + key))
        expect(written.filter(globMatcher(glob))).to.have.members(covered)
        expect(await store.evict([{ kind: 'glob', glob }])).to.equal(covered.length)
        for (const key of written) {
          expect((await store.get(key)) === null, key).to.equal(covered.includes(key))
        }
      }),
      { numRuns: 300 },
    )
  })
})
