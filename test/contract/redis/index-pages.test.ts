import { expect } from 'chai'
import fc from 'fast-check'
import type { Redis } from 'ioredis'
import { matchesPattern } from '#src/keys/match-pattern.js'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'
import { NO_GRACE, redisStoreOfSuite } from './redis-store-of-suite.js'

describeOnEachClient('many keys of a RedisStore, on several pages of the index', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { write, index, listed } = redis
  let client: Redis
  let keyPrefix: string
  let store: RedisStore
  beforeEach(() => {
    ;({ client, keyPrefix, store } = redis)
  })

  const segments = ['', 'a', 'a\0', 'a\u0001', 'ab', 'é', '\0']
  const keys = segments.flatMap((segment) =>
    Array.from({ length: 200 }, (_, id) => `${id % 3}:${id}:${segment}`),
  )
  const writeAll = (written: readonly string[]) => Promise.all(written.map((key) => write(key)))
  const inOrder = (some: readonly string[]) =>
    some
      .map((key) => Buffer.from(key))
      .sort(Buffer.compare)
      .map(String)

  it('are listed in order, and evicted exactly as the patterns say', async function () {
    this.timeout(60_000)
    const pattern = fc
      .tuple(fc.constantFrom('*', '1'), fc.constantFrom('*', '7', '77'), fc.constantFrom('*', ...segments))
      .map((parts) => parts.join(':'))
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(keys, { minLength: 300 }),
        fc.array(pattern, { maxLength: 3 }),
        async (written, patterns) => {
          await store.evict([{ kind: 'pattern', pattern: '*' }])
          expect(await client.exists(index())).to.equal(0)
          await writeAll(written)
          expect(await listed()).to.deep.equal(inOrder(written))
          const left = written.filter((key) => !patterns.some((each) => matchesPattern(each, key)))
          const evicted = await store.evict(patterns.map((each) => ({ kind: 'pattern', pattern: each })))
          expect(evicted).to.equal(written.length - left.length)
          expect(await listed()).to.deep.equal(inOrder(left))
          for (const key of written) expect((await store.get(key)) !== null, key).to.equal(left.includes(key))
        },
      ),
      { numRuns: 15 },
    )
  })

  it('count for a key limit, and room is made for new ones of what is dead anywhere among them', async () => {
    const keyLimit = { prefix: '1:', maxKeys: keys.filter((key) => key.startsWith('1:')).length }
    const lookup = async (key: string) => (await store.lookup(key, { ...NO_GRACE, keyLimit })).kind
    await writeAll(keys)
    expect(await lookup('1:new')).to.equal('full')
    expect(await lookup('1:1:a')).to.equal('hit')
    await client.del(...keys.filter((key) => key.startsWith('1:1')).map((key) => keyPrefix + key))
    await until('one that is dead to be found', async () => (await lookup('1:new')) === 'lease')
    await store.evict([
      { kind: 'key', key: '1:1:a' },
      { kind: 'key', key: '1:new' },
    ])
    expect(await lookup('1:newer')).to.equal('lease')
  })
})
