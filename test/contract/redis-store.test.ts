import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, install } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import fc from 'fast-check'
import { Redis } from 'ioredis'
import { CacheError, type CacheErrorCode } from '#src/errors.js'
import { globMatcher } from '#src/keys/glob.js'
import { matchesPattern } from '#src/keys/match-pattern.js'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import type { LookupOptions } from '#src/stores/store.js'
import { TieredStore } from '#src/stores/tiered/tiered-store.js'
import { freePort } from '../support/free-port.js'
import { gate } from '../support/gate.js'
import { ownRedisForTests, type RedisServer, redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'
import { describeStoreContract } from './store-contract.js'

const NO_GRACE: LookupOptions = { leaseMs: 60_000, graceMs: 0 }
const TTL_MS = 60_000
/** For tests in which nothing is late; the machine may be busy. */
const DEADLINE_MS = 10_000

const failOnTrouble = (error: unknown) => {
  throw error
}

describe('RedisStore', () => {
  let url: string
  let client: Redis
  let keyPrefix: string
  let store: RedisStore

  before(async function () {
    url = await redisForTests(this)
    client = connectRedis(url, { onTrouble: failOnTrouble })
  })
  after(() => client?.quit())

  beforeEach(async () => {
    keyPrefix = newPrefix()
    store = storeOn(client)
    await store.ready()
  })
  afterEach(async () => {
    await store.close()
    await removeAll(client, keyPrefix)
  })

  const newPrefix = () => `test-${randomUUID()}:`
  const storeOn = (on: Redis, deadlineMs = DEADLINE_MS) =>
    new RedisStore({ client: on, keyPrefix, deadlineMs, ownsClient: false })
  const write = (key: string, text = key) => store.set(key, Buffer.from(text), TTL_MS)
  const nth = (id: number) => `user:${String(id).padStart(4, '0')}`
  const writeMany = (count: number) => Promise.all(Array.from({ length: count }, (_, id) => write(nth(id))))
  const leaseOn = async (key: string, options = NO_GRACE) => {
    const found = await store.lookup(key, options)
    if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
    return found.lease
  }
  const index = () => `${keyPrefix}#index`
  const pages = async (on = client) => {
    const entries = await on.zrange(index(), '0', '-1')
    return entries.map((entry) => `${index()}:${entry.slice(-16)}`)
  }
  /** In the order of the index. */
  const listed = async (on = client) => {
    const keys = await Promise.all((await pages(on)).map((page) => on.zrange(page, '0', '-1')))
    return keys.flat()
  }
  const leaseNameOf = (key: string) => `{${keyPrefix}${key}}#lease`

  for (const protocol of [2, 3] as const) {
    describe(`over RESP${protocol}`, () => {
      let connection: Redis
      before(async () => {
        connection = new Redis(url, { protocol })
        await connection.ping()
      })
      after(() => connection?.quit())

      describeStoreContract('RedisStore', async () => {
        const prefix = newPrefix()
        const tested = new RedisStore({
          client: connection,
          keyPrefix: prefix,
          deadlineMs: DEADLINE_MS,
          ownsClient: false,
        })
        return {
          store: tested,
          // In RESP2 a connection that listens can do nothing else, so those who wait look again and again.
          isWordSent: protocol === 3,
          eventually: until,
          async end() {
            await tested.close()
            await removeAll(connection, prefix)
          },
        }
      })
    })
  }

  describeStoreContract('TieredStore', async () => {
    const tested = new TieredStore(storeOn(client), { maxBytes: 1_000_000, maxAgeMs: TTL_MS })
    // Copies are kept once it is told of evictions.
    await tested.heartbeat(false)
    const prefix = keyPrefix
    return {
      store: tested,
      isWordSent: true,
      eventually: until,
      async end() {
        await tested.close()
        await removeAll(client, prefix)
      },
    }
  })

  describe('what lies in Redis', () => {
    it('is the plain value under exactly the key, with its lifetime', async () => {
      await write('customer:42', '{"id":42}')
      expect(await client.get(`${keyPrefix}customer:42`)).to.equal('{"id":42}')
      expect(await client.pttl(`${keyPrefix}customer:42`)).to.be.within(TTL_MS - 10_000, TTL_MS)

      const lease = await leaseOn('customer:43')
      await store.fill('customer:43', lease, Buffer.from('{"id":43}'), 30_000)
      expect(await client.get(`${keyPrefix}customer:43`)).to.equal('{"id":43}')
      expect(await client.pttl(`${keyPrefix}customer:43`)).to.be.within(20_000, 30_000)
    })

    it('all has an expiry, and the index outlives what it lists', async () => {
      await write('customer:1')
      await leaseOn('customer:2')
      const fence = await store.fence('customer')
      await store.put('customer:3', fence, Buffer.from('x'), 90_000, 'if-absent')
      await leaseOn('customer:4')
      const names = await namesUnder(client, keyPrefix)
      expect(names.map((name) => name.replace(keyPrefix, ''))).to.have.members([
        ...['customer:1', 'customer:3', '{customer:2}#lease', '{customer:4}#lease'],
        ...['#index', ...(await pages()).map((page) => page.replace(keyPrefix, '')), '#fences', '#server'],
      ])
      for (const name of names) expect(await client.pttl(name), name).to.be.greaterThan(0)
      for (const name of [index(), ...(await pages())]) {
        expect(await client.pttl(name), name).to.be.within(80_000, 90_000)
      }
    })

    it('is an index of pages, none of which lives longer than what it lists', async () => {
      // Backwards, so that what is split off gets no more keys.
      for (let id = 500; id > 0; id -= 1) await write(nth(id))
      const [first = '', second = '', ...more] = await pages()
      expect(more.length).to.be.greaterThan(3)
      for (const page of await pages()) expect(await client.pttl(page), page).to.be.within(1, TTL_MS)
      await store.set((await client.zrange(second, '0', '0'))[0] as string, Buffer.from('x'), 5 * TTL_MS)
      expect(await client.pttl(first)).to.be.at.most(TTL_MS)
      expect(await client.pttl(second)).to.be.within(4 * TTL_MS, 5 * TTL_MS)
      expect(await client.pttl(index())).to.be.within(4 * TTL_MS, 5 * TTL_MS)
    })

    it('is nothing once all is evicted but the name of the server and the fences of other groups', async () => {
      await write('customer:1')
      await leaseOn('customer:2')
      await store.fence('customer')
      await store.evict([{ kind: 'pattern', pattern: 'customer:*' }])
      expect(await namesUnder(client, keyPrefix)).to.deep.equal([`${keyPrefix}#server`])
      await store.fence('customer')
      await store.fence('user')
      await store.evict([{ kind: 'pattern', pattern: 'customer:*' }])
      expect(await client.hkeys(`${keyPrefix}#fences`)).to.deep.equal(['user'])
    })

    it('belongs to its prefix alone', async () => {
      await write('a')
      const other = new RedisStore({
        client,
        keyPrefix: newPrefix(),
        deadlineMs: DEADLINE_MS,
        ownsClient: false,
      })
      expect(await other.get('a')).to.equal(null)
      expect(await other.evict([{ kind: 'pattern', pattern: '*' }])).to.equal(0)
      expect(await store.get('a')).to.not.equal(null)
    })

    describe('shrinks by itself, though nothing is evicted or written:', () => {
      let clock: Clock
      let idle: RedisStore
      beforeEach(() => {
        clock = install({ toFake: ['setInterval', 'clearInterval'] })
        idle = storeOn(client)
      })
      afterEach(async () => {
        await idle.close()
        clock.uninstall()
      })
      it('the index loses values that expired and leases of readers that died', async () => {
        for (let id = 0; id < 100; id += 1) await write(`alive:${id}`)
        await Promise.all(
          Array.from({ length: 300 }, (_, id) => store.set(`dead:${id}`, Buffer.from('x'), 1)),
        )
        for (let id = 0; id < 600; id += 1) await store.lookup(`asked:${id}`, { leaseMs: 1, graceMs: 0 })
        expect(await listed()).to.have.lengthOf(1_000)
        clock.tick(5_000)
        // It goes on at once while more than a quarter of what it looks at is dead.
        await until('the index to shrink', async () => (await listed()).length < 200)
        for (let turn = 0; turn < 20 && (await listed()).length > 100; turn += 1) {
          clock.tick(5_000)
          await idle.get('alive:1')
        }
        expect((await listed()).length).to.be.within(100, 110)
        expect(await idle.evict([{ kind: 'pattern', pattern: 'alive:*' }])).to.equal(100)
      })

      it('the index loses pages that Redis dropped', async () => {
        await writeMany(500)
        const [first = '', second = '', ...left] = await pages()
        await client.del(first, second)
        clock.tick(5_000)
        await until('the pages to go', async () => (await pages()).length === left.length)
        expect(await pages()).to.deep.equal(left)
        // Before all pages that are left.
        await write('user:0000', 'new')
        expect((await store.get('user:0000'))?.value.toString()).to.equal('new')
      })
    })
  })

  describe('what cannot be trusted is not served', () => {
    it('nor a value after the index was lost, for an eviction would not have found it', async () => {
      await write('user:1', 'old')
      await client.del(index())
      expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(0)
      expect(await store.get('user:1')).to.equal(null)
      expect(await store.lookup('user:1', NO_GRACE)).to.deep.include({ kind: 'lease', stale: null })
      expect(await client.exists(`${keyPrefix}user:1`)).to.equal(0)
    })

    it('nor does it come back when others enter a new index', async () => {
      await write('user:1', 'old')
      await client.del(index())
      await write('user:2')
      expect(await store.get('user:1')).to.equal(null)
      await leaseOn('user:1')
      expect(await store.get('user:1')).to.equal(null)
    })

    it('nor what a lost page of the index listed, while the other pages stay', async () => {
      await writeMany(500)
      const page = (await pages())[2] as string
      const lost = await client.zrange(page, '0', '-1')
      await client.del(page)
      expect(await store.evict(lost.map((key) => ({ kind: 'pattern', pattern: `${key}:*` })))).to.equal(0)
      for (const key of lost) expect(await store.get(key), key).to.equal(null)
      for (const key of await listed()) expect(await store.get(key), key).to.not.equal(null)
      expect(await listed()).to.have.lengthOf(500 - lost.length)

      const [again, other] = lost as [string, string]
      await store.fill(again, await leaseOn(again), Buffer.from('new'), TTL_MS)
      expect((await store.get(again))?.value.toString()).to.equal('new')
      expect(await store.get(other)).to.equal(null)
      expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(501 - lost.length)
      expect(await listed()).to.deep.equal([])
    })

    it('nor do pages come back that lost their index, when a new one begins with the same keys', async () => {
      await writeMany(500)
      const orphans = await pages()
      await client.del(index())
      // Every other key, so that the new pages begin as the old ones did.
      for (let id = 0; id < 500; id += 2) await write(nth(id), 'new')
      expect(await client.exists(...orphans)).to.equal(orphans.length)
      expect(await pages()).to.not.include.members([orphans[0]])
      for (let id = 0; id < 500; id += 1) {
        expect((await store.get(nth(id)))?.value.toString(), nth(id)).to.equal(id % 2 ? undefined : 'new')
      }
      expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(250)
    })

    it('nor is a fill with a lease that an eviction could not find', async () => {
      const early = await leaseOn('user:1')
      await client.del(index())
      await store.evict([{ kind: 'pattern', pattern: 'user:*' }])
      expect(await store.fill('user:1', early, Buffer.from('old'), TTL_MS)).to.equal(false)
      const fence = await store.fence('user')
      await store.put('user:1', fence, Buffer.from('new'), TTL_MS, 'if-absent')
      expect(await store.fill('user:1', early, Buffer.from('old'), TTL_MS)).to.equal(false)
      expect((await store.get('user:1'))?.value.toString()).to.equal('new')
    })

    it('nor does a lost lease keep others waiting', async () => {
      const early = await leaseOn('user:1')
      await client.del(index())
      const late = await leaseOn('user:1')
      expect(await store.fill('user:1', early, Buffer.from('old'), TTL_MS)).to.equal(false)
      expect(await store.fill('user:1', late, Buffer.from('new'), TTL_MS)).to.equal(true)
    })

    it('nor a value that somebody else wrote', async () => {
      await client.set(`${keyPrefix}user:1`, 'foreign', 'EX', 60)
      expect(await store.get('user:1')).to.equal(null)
      const fence = await store.fence('user')
      expect(await store.put('user:1', fence, Buffer.from('x'), TTL_MS, 'if-absent')).to.equal('stored')
    })

    it('nor a value without an expiry', async () => {
      await write('user:1', 'old')
      await client.persist(`${keyPrefix}user:1`)
      expect(await store.get('user:1')).to.equal(null)
      expect((await store.lookup('user:1', NO_GRACE)).kind).to.equal('lease')
      expect(await client.exists(`${keyPrefix}user:1`)).to.equal(0)
    })

    it('nor something of another type, and it is overwritten', async () => {
      for (const act of ['set', 'fill', 'put'] as const) {
        await write('user:1')
        await client.del(`${keyPrefix}user:1`)
        await client.rpush(`${keyPrefix}user:1`, 'a list')
        expect(await store.get('user:1')).to.equal(null)
        if (act === 'set') await write('user:1', 'new')
        if (act === 'fill') await store.fill('user:1', await leaseOn('user:1'), Buffer.from('new'), TTL_MS)
        if (act === 'put') {
          await store.put('user:1', await store.fence('user'), Buffer.from('new'), TTL_MS, 'replace')
        }
        expect((await store.get('user:1'))?.value.toString()).to.equal('new')
        await store.evict([{ kind: 'key', key: 'user:1' }])
      }
    })

    it('nor garbage under the names of our bookkeeping, and that mends itself', async () => {
      await leaseOn('user:1')
      await store.fence('user')
      for (const name of [index(), leaseNameOf('user:1'), `${keyPrefix}#fences`, `${keyPrefix}#server`]) {
        await client.del(name)
        await client.rpush(name, 'not ours')
      }
      const fence = await store.fence('user')
      const lease = await leaseOn('user:1')
      expect(await store.fill('user:1', lease, Buffer.from('new'), TTL_MS)).to.equal(true)
      expect(await store.put('user:1', fence, Buffer.from('newer'), TTL_MS, 'replace')).to.equal('stored')
      expect((await store.get('user:1'))?.value.toString()).to.equal('newer')
    })

    it('nor garbage under the name of a page of the index', async () => {
      for (const act of ['read', 'write', 'evict'] as const) {
        await write('user:1', 'old')
        const [page = ''] = await pages()
        await client.del(page)
        await client.rpush(page, 'not ours')
        if (act === 'read') expect(await store.get('user:1')).to.equal(null)
        if (act === 'write') await write('user:2')
        expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(act === 'write' ? 1 : 0)
        expect(await store.get('user:1')).to.equal(null)
        expect(await client.exists(index())).to.equal(0)
      }
    })

    it('but is evicted when its key is named', async () => {
      await client.set(`${keyPrefix}user:1`, 'foreign')
      expect(await store.evict([{ kind: 'key', key: 'user:1' }])).to.equal(1)
      await client.set(`${keyPrefix}user:1`, 'foreign')
      expect(await store.evict([{ kind: 'pattern', pattern: 'user:1' }])).to.equal(1)
      await client.set(`${keyPrefix}user:1`, 'foreign')
      expect(await store.evict([{ kind: 'glob', glob: 'user:1' }])).to.equal(1)
      expect(await client.exists(`${keyPrefix}user:1`)).to.equal(0)
    })

    it('and a lost fence refuses', async () => {
      const fence = await store.fence('user')
      await client.del(`${keyPrefix}#fences`)
      expect(await store.put('user:1', fence, Buffer.from('x'), TTL_MS, 'replace')).to.equal('refused')
    })
  })

  describe('a large eviction goes in batches, and between them', () => {
    /** Holds the eviction back after its first batch, so that the test acts in the middle of it. */
    const halfway = async (evicting: (held: RedisStore) => Promise<number>) => {
      const [first, rest] = [gate(), gate()]
      let batches = 0
      const held = new Proxy(client, {
        get(target, name) {
          const member = Reflect.get(target, name)
          if (name !== 'cacheableEvictBuffer')
            return typeof member === 'function' ? member.bind(target) : member
          return async (...args: unknown[]) => {
            batches += 1
            if (batches > 1) {
              first.open()
              await rest.wait
            }
            return Reflect.apply(member, target, args)
          }
        },
      })
      const evicted = evicting(storeOn(held))
      await first.wait
      const finish = () => {
        rest.open()
        return evicted
      }
      return { finish, batches: () => batches }
    }
    const fillIn = async (key: string, lease: string) => store.fill(key, lease, Buffer.from('old'), TTL_MS)

    it('no load that began before it can store, on either side of where it stands', async () => {
      await writeMany(2_000)
      const before = await Promise.all(['user:0000a', 'user:1999a'].map((key) => leaseOn(key)))
      const { finish, batches } = await halfway((held) =>
        held.evict([{ kind: 'pattern', pattern: 'user:*' }]),
      )
      expect(await fillIn('user:0000a', before[0] as string)).to.equal(false)
      // Not reached yet: it is stored, and removed before the eviction is acknowledged.
      expect(await fillIn('user:1999a', before[1] as string)).to.equal(true)
      expect(await finish()).to.equal(2_001)
      expect(batches()).to.be.greaterThan(3)
      expect(await store.get('user:1999a')).to.equal(null)
      expect(await listed()).to.deep.equal([])
    })

    it('what is loaded behind it stays, and a later eviction finds it', async () => {
      await writeMany(2_000)
      const { finish } = await halfway((held) => held.evict([{ kind: 'pattern', pattern: 'user:*' }]))
      expect(await fillIn(nth(0), await leaseOn(nth(0)))).to.equal(true)
      await finish()
      expect((await store.get(nth(0)))?.value.toString()).to.equal('old')
      expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(1)
    })

    it('other selectors have their turn after one that needed several', async () => {
      await writeMany(1_200)
      await Promise.all([write('a'), write('b'), write('task:1'), write('user:1:x')])
      expect(
        await store.evict([
          { kind: 'key', key: 'a' },
          { kind: 'glob', glob: 'user:*[02468]' },
          { kind: 'pattern', pattern: 'task:*' },
          { kind: 'key', key: 'b' },
        ]),
      ).to.equal(603)
      expect(await listed()).to.have.lengthOf(601)
    })

    it('a key with thousands of variants loses them all by an eviction, a set and a put', async () => {
      const writeVariants = async () => {
        for (let id = 0; id < 1_100; id += 1) await write(`user:1#v${id}`)
      }
      await writeVariants()
      expect(await store.evict([{ kind: 'key', key: 'user:1' }])).to.equal(1_100)
      await writeVariants()
      await write('user:1', 'new')
      expect(await listed()).to.deep.equal(['user:1'])
      await writeVariants()
      await store.put('user:1', await store.fence('user'), Buffer.from('newer'), TTL_MS, 'replace')
      expect(await listed()).to.deep.equal(['user:1'])
      expect((await store.get('user:1'))?.value.toString()).to.equal('newer')
    })
  })

  describe('many keys, on several pages of the index,', () => {
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
            for (const key of written)
              expect((await store.get(key)) !== null, key).to.equal(left.includes(key))
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

  describe('lookups of one turn', () => {
    /** How many have been sent. */
    let scripts: number
    beforeEach(() => {
      const commands = client as unknown as { cacheableLookupBuffer(...args: unknown[]): Promise<unknown> }
      const runLookup = commands.cacheableLookupBuffer.bind(client)
      scripts = 0
      commands.cacheableLookupBuffer = (...args) => {
        scripts += 1
        return runLookup(...args)
      }
    })

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
      expect(scripts).to.equal(before + 1)
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

  it('goes on after somebody flushed the scripts', async () => {
    await write('a')
    await client.script('FLUSH')
    expect((await store.get('a'))?.value.toString()).to.equal('a')
    await client.script('FLUSH')
    expect(await store.evict([{ kind: 'key', key: 'a' }])).to.equal(1)
  })

  it('gives the lease again to a lookup that a cut connection brought twice', async () => {
    const lease = await leaseOn('a')
    const commands = client as unknown as {
      cacheableLookup(...args: (string | number)[]): Promise<unknown[]>
    }
    const again = await commands.cacheableLookup(index(), keyPrefix, 'a', lease, 60_000, 0, '', '')
    expect(again).to.deep.equal([['lease', lease, null], 0])
    expect((await store.lookup('a', NO_GRACE)).kind).to.equal('busy')
  })

  it('refuses a client with a key prefix of its own, and says what to do', () => {
    const prefixed = new Redis({ lazyConnect: true, keyPrefix: 'mine:' })
    expect(() => storeOn(prefixed))
      .to.throw(CacheError, 'createCache({ redis, keyPrefix })')
      .with.property('code', 'E_CACHE_OPTION')
    expect(prefixed.status).to.equal('wait')
  })

  describe('connections', () => {
    it('connects a lazy client, which would otherwise wait for a first command forever', async () => {
      const lazy = new Redis(url, { lazyConnect: true })
      const own = storeOn(lazy)
      await own.ready()
      expect(own.isAvailable()).to.equal(true)
      expect(await own.get('a')).to.equal(null)
      await lazy.quit()
    })

    it('leaves a client that was passed in open and as it was', async () => {
      const passed = new Redis(url)
      const listeners = passed.listenerCount('error')
      const own = storeOn(passed)
      await own.ready()
      await own.close()
      expect(await passed.ping()).to.equal('PONG')
      expect(passed.listenerCount('error')).to.equal(listeners)
      await passed.quit()
    })

    it('ends a client of its own', async () => {
      const owned = connectRedis(url, { onTrouble: failOnTrouble })
      const own = new RedisStore({ client: owned, keyPrefix, deadlineMs: DEADLINE_MS, ownsClient: true })
      await own.ready()
      await own.close()
      await until('the client to end', () => owned.status === 'end')
    })

    describe('to where nothing listens', () => {
      let trouble: unknown[]
      let nowhere: Redis

      beforeEach(async () => {
        trouble = []
        const unreachable = `redis://127.0.0.1:${await freePort()}`
        nowhere = connectRedis(unreachable, { onTrouble: (error) => trouble.push(error) })
      })
      afterEach(() => nowhere.disconnect())

      it('are known to be down soon, reported, and fail every operation at once', async () => {
        const own = storeOn(nowhere)
        await own.ready()
        expect(own.isAvailable()).to.equal(false)
        expect(trouble).to.have.length.greaterThan(0)
        for (const operation of operationsOf(own)) {
          const startedAt = performance.now()
          await expectUnavailable(operation())
          expect(performance.now() - startedAt).to.be.below(100)
        }
      })

      it('end without delay', async () => {
        const own = new RedisStore({ client: nowhere, keyPrefix, deadlineMs: 50, ownsClient: true })
        await own.ready()
        const startedAt = performance.now()
        await own.close()
        expect(performance.now() - startedAt).to.be.below(250)
        await until('the client to end', () => nowhere.status === 'end')
      })

      it('do not make a queueing client’s operations wait', async () => {
        const queueing = new Redis(nowhere.options.port as number, { enableOfflineQueue: true })
        const own = new RedisStore({
          client: queueing,
          keyPrefix,
          deadlineMs: DEADLINE_MS,
          ownsClient: false,
          onTrouble: (error) => trouble.push(error),
        })
        await own.ready()
        const startedAt = performance.now()
        await expectUnavailable(own.get('a'))
        expect(performance.now() - startedAt).to.be.below(100)
        queueing.disconnect()
      })
    })
  })

  describe('on a Redis that freezes', () => {
    let server: RedisServer
    let frozen: Redis
    let own: RedisStore

    before(async function () {
      server = await ownRedisForTests(this)
    })
    after(() => server?.stop())

    beforeEach(async () => {
      frozen = connectRedis(server.url, { onTrouble: () => {} })
      own = storeOn(frozen, 50)
      await own.ready()
      // Scripts are loaded, so that nothing but the freezing is late.
      await Promise.all(operationsOf(storeOn(frozen)).map((operation) => operation()))
      await frozen.flushall()
    })
    afterEach(async () => {
      await server.thaw()
      frozen.disconnect()
    })

    it('keeps its deadline for every operation', async () => {
      await server.freeze()
      for (const operation of operationsOf(own)) {
        const startedAt = performance.now()
        await expectUnavailable(operation())
        expect(performance.now() - startedAt).to.be.within(45, 1_000)
      }
      expect(own.isAvailable()).to.equal(false)
    })

    it('is available again when it answers again', async () => {
      await server.freeze()
      await expectUnavailable(own.get('a'))
      await server.thaw()
      await until('the late answer', () => own.isAvailable())
      await until('an answer in time', () =>
        own.get('a').then(
          () => true,
          () => false,
        ),
      )
    })

    it('gives leases back that were granted too late', async () => {
      await server.freeze()
      await Promise.all(['a', 'b'].map((key) => expectUnavailable(own.lookup(key, NO_GRACE))))
      await server.thaw()
      // Behind the lookups on the same connection, so they have been done.
      await frozen.ping()
      const other = storeOn(frozen)
      for (const key of ['a', 'b']) {
        await until('the lease to be free', async () => (await other.lookup(key, NO_GRACE)).kind === 'lease')
      }
    })

    it('fails what is under way when the connection breaks, and never sends it again', async () => {
      const cut = storeOn(frozen)
      await server.freeze()
      const startedAt = performance.now()
      const writing = cut.set('a', Buffer.from('old'), TTL_MS)
      const connection = (frozen as unknown as { stream: Socket }).stream
      connection.destroy()
      await expectUnavailable(writing)
      expect(performance.now() - startedAt).to.be.below(1_000)
    })

    it('closes all the same', async () => {
      const owned = connectRedis(server.url, { onTrouble: () => {} })
      const closing = new RedisStore({ client: owned, keyPrefix, deadlineMs: 50, ownsClient: true })
      await closing.ready()
      await server.freeze()
      const startedAt = performance.now()
      await closing.close()
      expect(performance.now() - startedAt).to.be.below(3_000)
      await until('the client to end', () => owned.status === 'end')
    })

    it('is waited for no longer than 2 s at the start', async () => {
      await server.freeze()
      const starting = connectRedis(server.url, { onTrouble: () => {} })
      const startedAt = performance.now()
      await storeOn(starting).ready()
      expect(performance.now() - startedAt).to.be.below(4_000)
      starting.disconnect()
    })
  })

  describe('on a Redis that was restarted from its disk', () => {
    let directory: string
    let server: RedisServer
    const opened: [Redis, RedisStore][] = []

    before(async () => {
      directory = await mkdtemp(join(tmpdir(), 'express-cacheable-aof-'))
    })
    after(() => rm(directory, { recursive: true }))
    afterEach(async () => {
      for (const [connection, opening] of opened.splice(0)) {
        await opening.close()
        connection.disconnect()
      }
      await server?.stop()
    })

    const start = async (context: Mocha.Context, port?: number) => {
      const args = ['--dir', directory, '--appendonly', 'yes', '--appendfsync', 'always']
      server = await ownRedisForTests(context, port === undefined ? { args } : { args, port })
    }
    const open = async () => {
      const connection = connectRedis(server.url, { onTrouble: () => {} })
      const opening = storeOn(connection)
      opened.push([connection, opening])
      await opening.ready()
      return { connection, opening }
    }

    it('serves nothing from before, to a process that was there and to one that was not', async function () {
      await start(this)
      const first = await open()
      await first.opening.set('user:1', Buffer.from('old'), TTL_MS)
      process.kill(server.pid, 'SIGKILL')
      await server.stop()

      await start(this, server.port)
      const newcomer = await open()
      expect(await newcomer.connection.get(`${keyPrefix}user:1`)).to.equal('old')
      expect(await newcomer.opening.get('user:1')).to.equal(null)
      await until('the first process to be connected again', () => first.connection.status === 'ready')
      expect(await first.opening.get('user:1')).to.equal(null)

      // What is stored since then counts, also for those who come later.
      await newcomer.opening.set('user:1', Buffer.from('new'), TTL_MS)
      for (const { opening } of [first, newcomer, await open()]) {
        expect((await opening.get('user:1'))?.value.toString()).to.equal('new')
      }
    })
  })

  describe('on a Redis that is full', () => {
    let server: RedisServer
    let full: Redis
    let own: RedisStore

    before(async function () {
      server = await ownRedisForTests(this)
    })
    after(() => server?.stop())

    beforeEach(async () => {
      full = connectRedis(server.url, { onTrouble: failOnTrouble })
      own = storeOn(full)
      await own.ready()
      await own.set('user:1', Buffer.from('old'), TTL_MS)
      await own.set('user:1#en', Buffer.from('old'), TTL_MS)
      await full.config('SET', 'maxmemory', '1')
    })
    afterEach(async () => {
      await full.config('SET', 'maxmemory', '0')
      await full.quit()
    })

    it('still serves and evicts', async () => {
      expect((await own.lookup('user:1', NO_GRACE)).kind).to.equal('hit')
      expect(await own.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(2)
    })

    it('serves those that are asked for in the turn in which it refuses leases', async () => {
      const refusals = ['user:2', 'user:3'].map((key) => expectRefused(own.lookup(key, NO_GRACE)))
      const [found, got] = await Promise.all([own.lookup('user:1', NO_GRACE), own.get('user:1#en')])
      expect([found.kind, String(got?.value)]).to.deep.equal(['hit', 'old'])
      await Promise.all(refusals)
      expect(await listed(full)).to.deep.equal(['user:1', 'user:1#en'])
    })

    it('takes the old value away when it refuses the new one', async () => {
      await expectRefused(own.set('user:1', Buffer.from('new'), TTL_MS))
      expect(await own.get('user:1')).to.equal(null)
      expect(await own.get('user:1#en')).to.equal(null)
    })

    it('leaves nothing half done when it refuses a lease', async () => {
      await expectRefused(own.lookup('user:2', NO_GRACE))
      expect(await listed(full)).to.deep.equal(['user:1', 'user:1#en'])
    })
  })
})

/** One of each, as far as they go to the server. */
function operationsOf(store: RedisStore): (() => Promise<unknown>)[] {
  const value = Buffer.from('x')
  return [
    () => store.get('a'),
    () => store.lookup('a', NO_GRACE),
    () => store.fill('a', 'lease', value, TTL_MS),
    () => store.release('a', 'lease'),
    () => store.set('a', value, TTL_MS),
    () => store.fence('a'),
    () => store.put('a', 'fence', value, TTL_MS, 'replace'),
    () => store.evict([{ kind: 'key', key: 'a' }]),
  ]
}

function expectUnavailable(operation: Promise<unknown>): Promise<void> {
  return expectCode(operation, 'E_CACHE_STORE_UNAVAILABLE')
}

function expectRefused(operation: Promise<unknown>): Promise<void> {
  return expectCode(operation, 'E_CACHE_STORE_REFUSED')
}

async function expectCode(operation: Promise<unknown>, code: CacheErrorCode): Promise<void> {
  const outcome = await operation.then(
    () => 'it answered',
    (error: unknown) => error,
  )
  expect(outcome).to.be.instanceOf(CacheError).with.property('code', code)
}

async function namesUnder(client: Redis, prefix: string): Promise<string[]> {
  const names: string[] = []
  for await (const found of client.scanStream({ match: `*${prefix}*`, count: 1_000 })) {
    names.push(...(found as string[]))
  }
  return names
}

async function removeAll(client: Redis, prefix: string): Promise<void> {
  const names = await namesUnder(client, prefix)
  if (names.length > 0) await client.del(...names)
}
