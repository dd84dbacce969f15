import { expect } from 'chai'
import type { Cluster, Redis } from 'ioredis'
import { cachedRowsOfSuite, redisCluster, singleRedis } from '../support/cached-rows.js'

/** What an application may keep beside the cache. */
const TYPES: Readonly<Record<string, (admin: Redis | Cluster, name: string) => Promise<unknown>>> = {
  hash: (admin, name) => admin.hset(name, 'own', '1'),
  list: (admin, name) => admin.rpush(name, '1'),
  set: (admin, name) => admin.sadd(name, '1'),
  zset: (admin, name) => admin.zadd(name, 1, '1'),
  stream: (admin, name) => admin.xadd(name, '*', 'own', '1'),
}

/** They say nothing of what is there, as they remove or read only what is the cache's. */
const QUIET = new Set([
  'an eviction by key',
  'an eviction by pattern',
  'cache.delete',
  'cache.deletePattern',
  'cache.get',
])

for (const [where, open] of [
  ['a Redis', singleRedis],
  ['a Redis Cluster', redisCluster],
] as const) {
  describe(`what the application keeps in ${where} under a key of the cache`, () => {
    const { rows, suite } = cachedRowsOfSuite(open, (app, cache) => {
      app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
      app.put('/all/:id', cache.evict('row:*'), (_req, res) => void res.json({}))
      app.post('/rows/:id', cache.put('row:{id}', 600), (_req, res) => void res.json({ from: 'put' }))
    })
    const name = () => `${rows().keyPrefix}row:1`
    afterEach(() => suite().admin.unlink(name()))

    const accesses: Readonly<Record<string, () => Promise<unknown>>> = {
      'a miss': async () => {
        const { status, text, xCache } = await rows().ask()
        expect([status, text]).to.deep.equal([200, '{"from":"handler"}'])
        expect(xCache).to.be.oneOf(['MISS', 'BYPASS'])
      },
      'an eviction by key': () => rows().ask('PUT'),
      'an eviction by pattern': () => rows().ask('PUT', '/all/1'),
      'a put': () => rows().ask('POST'),
      'cache.set': () => rows().cache.set('row:1', { from: 'set' }, 60),
      'cache.delete': () => rows().cache.delete('row:1'),
      'cache.deletePattern': () => rows().cache.deletePattern('row:*'),
      'cache.get': () => rows().cache.get('row:1'),
      'cache.warm': () =>
        rows().cache.warm({ key: 'row:{id}', ttl: 60, load: async () => [{ id: 1 }], name: 'rows' }),
    }

    for (const [type, put] of Object.entries(TYPES)) {
      for (const [what, access] of Object.entries(accesses)) {
        // Both where the cache has listed the key before, and where it has not.
        for (const isListed of [false, true]) {
          it(`is left alone by ${what}: a ${type}${isListed ? ', where a value was before' : ''}`, async () => {
            const { admin } = suite()
            const { ask, events, logger } = rows()
            if (isListed) {
              await ask()
              await admin.del(name())
            }
            await put(admin, name())
            await admin.pexpire(name(), 600_000)
            await access()
            expect(await admin.type(name())).to.equal(type)
            if (QUIET.has(what)) return
            const told = [...logger.at('warn'), ...events.map((event) => JSON.stringify(event))]
            expect(told.filter((line) => line.includes('row:1') && line.includes(type))).not.to.have.lengthOf(
              0,
            )
          })
        }
      }
    }
  })
}
