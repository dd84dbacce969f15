import { expect } from 'chai'
import fc from 'fast-check'
import { matchesPattern } from '#src/keys/match-pattern.js'
import type { LeaseEnd, Lookup, Selector, Store } from '#src/stores/store.js'

export interface StoreUnderTest {
  readonly store: Store
  /** Whether those who wait for a lease are told of its end. */
  readonly isWordSent: boolean
  /** Lets time pass until the condition holds. */
  eventually(what: string, condition: () => Promise<boolean>): Promise<void>
  end(): Promise<void>
}

const NO_GRACE = { leaseMs: 60_000, graceMs: 0 }
const LONG_GRACE = { leaseMs: 60_000, graceMs: 120_000 }
const TTL_MS = 60_000
/** Longer than a test may take, so that a test ends only because somebody was woken. */
const LONG_WAIT_MS = 600_000

/** What every store promises; each test gets a store that holds nothing. */
export function describeStoreContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of a store`, () => {
    let store: Store
    let eventually: StoreUnderTest['eventually']
    let end: StoreUnderTest['end']
    let isWordSent: boolean

    beforeEach(async () => {
      ;({ store, isWordSent, eventually, end } = await make())
      await store.ready()
    })
    afterEach(() => end())

    const textAt = async (key: string) => (await store.get(key))?.value.toString() ?? null
    const write = (key: string, text = key) => store.set(key, Buffer.from(text), TTL_MS)
    const writeAll = async (keys: readonly string[]) => {
      const isVariant = (key: string) => key.includes('#')
      await Promise.all(keys.filter((key) => !isVariant(key)).map((key) => write(key)))
      // Afterwards: setting a key takes its variants away.
      await Promise.all(keys.filter(isVariant).map((key) => write(key)))
    }
    const leaseOn = async (key: string, options = NO_GRACE) => leaseIn(await store.lookup(key, options))
    const fillIn = (key: string, lease: string, text = key) =>
      store.fill(key, lease, Buffer.from(text), TTL_MS)
    const heldOf = async (keys: readonly string[]) => {
      const held = await Promise.all(keys.map((key) => store.get(key)))
      return keys.filter((_, index) => held[index] !== null)
    }

    it('can be reached', () => {
      expect(store.isAvailable()).to.equal(true)
    })

    describe('leases', () => {
      it('gives the first reader a lease and serves what was filled with it', async () => {
        const lease = await leaseOn('customer:1')
        expect(await fillIn('customer:1', lease, 'Ada')).to.equal(true)
        const found = await store.lookup('customer:1', NO_GRACE)
        if (found.kind !== 'hit') throw new Error(`not a hit but ${found.kind}`)
        expect(found.value.toString()).to.equal('Ada')
        expect(found.remainingMs).to.be.within(TTL_MS - 10_000, TTL_MS)
      })

      it('tells every further reader who holds the lease', async () => {
        const lease = await leaseOn('customer:1')
        const busy = { kind: 'busy', lease, stale: null }
        expect(await store.lookup('customer:1', NO_GRACE)).to.deep.equal(busy)
        expect(await store.lookup('customer:1', NO_GRACE)).to.deep.equal(busy)
      })

      it('gives different keys different leases', async () => {
        expect(await leaseOn('customer:1')).to.not.equal(await leaseOn('customer:2'))
      })

      it('gives a lease once, so that two readers at the same moment do not both load', async () => {
        const found = await Promise.all(Array.from({ length: 20 }, () => store.lookup('a', NO_GRACE)))
        expect(found.filter(({ kind }) => kind === 'lease')).to.have.lengthOf(1)
        expect(found.filter(({ kind }) => kind === 'busy')).to.have.lengthOf(19)
      })

      it('fills once per lease', async () => {
        const lease = await leaseOn('a')
        expect(await fillIn('a', lease, 'first')).to.equal(true)
        expect(await fillIn('a', lease, 'second')).to.equal(false)
        expect(await textAt('a')).to.equal('first')
      })

      it('refuses a fill with somebody else’s lease, with none, and for another key', async () => {
        const lease = await leaseOn('a')
        await leaseOn('b')
        expect(await fillIn('a', 'made-up')).to.equal(false)
        expect(await fillIn('a', '')).to.equal(false)
        expect(await fillIn('b', lease)).to.equal(false)
        expect(await fillIn('c', lease)).to.equal(false)
        expect(await fillIn('c', '')).to.equal(false)
        expect(await heldOf(['a', 'b', 'c'])).to.deep.equal([])
      })

      it('gives the next reader a lease as soon as one was given back', async () => {
        const lease = await leaseOn('a')
        await store.release('a', lease)
        expect(await leaseOn('a')).to.not.equal(lease)
        expect(await fillIn('a', lease)).to.equal(false)
      })

      it('does not let a stranger give a lease back', async () => {
        const lease = await leaseOn('a')
        await store.release('a', 'made-up')
        await store.release('a', '')
        expect((await store.lookup('a', NO_GRACE)).kind).to.equal('busy')
        expect(await fillIn('a', lease)).to.equal(true)
      })

      it('leaves the value alone when a lease is given back', async () => {
        await write('a', 'old')
        const lease = await leaseOn('a', LONG_GRACE)
        await store.release('a', lease)
        expect(await textAt('a')).to.equal('old')
        expect(await store.evict([{ kind: 'pattern', pattern: '*' }])).to.equal(1)
      })

      it('does not wait longer than a lease stands for a reader that died', async () => {
        const lease = leaseIn(await store.lookup('a', { leaseMs: 40, graceMs: 0 }))
        expect((await store.lookup('a', NO_GRACE)).kind).to.equal('busy')
        await eventually('the lease to end', async () => {
          const found = await store.lookup('a', NO_GRACE)
          return found.kind === 'lease'
        })
        expect(await fillIn('a', lease)).to.equal(false)
      })
    })

    describe('those who wait for a lease', () => {
      const endings: [how: string, end: LeaseEnd, act: (lease: string) => Promise<unknown>][] = [
        ['is used', 'ended', (lease) => fillIn('user:1', lease)],
        ['is given back', 'ended', (lease) => store.release('user:1', lease)],
        [
          'is given back because its value was not for others',
          'unshareable',
          (lease) => store.release('user:1', lease, true),
        ],
        ['is evicted by key', 'ended', () => store.evict([{ kind: 'key', key: 'user:1' }])],
        ['is evicted by pattern', 'ended', () => store.evict([{ kind: 'pattern', pattern: 'user:*' }])],
        ['is overtaken by a set', 'ended', () => write('user:1')],
        [
          'is overtaken by a put',
          'ended',
          async () => store.put('user:1', await store.fence('user'), Buffer.from('x'), TTL_MS, 'replace'),
        ],
      ]
      for (const [how, end, act] of endings) {
        it(`hear of it when it ${how}`, async () => {
          const lease = await leaseOn('user:1')
          const other = await leaseOn('task:1')
          expect((await store.lookup('user:1', NO_GRACE)).kind).to.equal('busy')
          const heard: string[] = []
          const waits = ['user:1', 'user:1', 'task:1'].map(async (key, index) => {
            const found = await store.waitForLease(key, index === 2 ? other : lease, LONG_WAIT_MS)
            heard.push(`${key} ${found}`)
          })
          await act(lease)
          await Promise.all(waits.slice(0, 2))
          const told = isWordSent ? end : 'timeout'
          expect(heard.filter((text) => text !== 'task:1 timeout')).to.deep.equal([
            `user:1 ${told}`,
            `user:1 ${told}`,
          ])
          await store.evict([{ kind: 'key', key: 'task:1' }])
        })
      }

      it('wait no longer than they want to', async () => {
        const lease = await leaseOn('user:1')
        expect(await store.waitForLease('user:1', lease, 5)).to.equal('timeout')
      })

      it('are let go when the store closes', async () => {
        const lease = await leaseOn('user:1')
        const waiting = store.waitForLease('user:1', lease, LONG_WAIT_MS)
        await store.close()
        expect(await waiting).to.equal('ended')
      })
    })

    describe('no value loaded before an eviction is stored after it', () => {
      const evictions: Record<string, Selector> = {
        'its key': { kind: 'key', key: 'customers:list:1' },
        'a pattern': { kind: 'pattern', pattern: 'customers:list:*' },
        'a pattern with a star in the middle': { kind: 'pattern', pattern: 'customers:*:1' },
        'a pattern without a star': { kind: 'pattern', pattern: 'customers:list:1' },
        'a glob': { kind: 'glob', glob: 'cust*:?' },
        'a glob without a wildcard': { kind: 'glob', glob: 'customers:list:1' },
      }
      for (const [by, selector] of Object.entries(evictions)) {
        it(`by ${by}`, async () => {
          const early = await leaseOn('customers:list:1')
          expect(await store.evict([selector])).to.equal(0)
          expect(await fillIn('customers:list:1', early, 'old')).to.equal(false)
          const late = await leaseOn('customers:list:1')
          expect(await fillIn('customers:list:1', early, 'old')).to.equal(false)
          expect(await fillIn('customers:list:1', late, 'new')).to.equal(true)
          expect(await textAt('customers:list:1')).to.equal('new')
        })
      }

      it('by its key, for a variant', async () => {
        const early = await leaseOn('customer:1#en')
        await store.evict([{ kind: 'key', key: 'customer:1' }])
        expect(await fillIn('customer:1#en', early)).to.equal(false)
      })

      it('nor one loaded before a newer value was set', async () => {
        const early = await leaseOn('customer:1')
        const variant = await leaseOn('customer:1#en')
        await write('customer:1', 'new')
        expect(await fillIn('customer:1', early, 'old')).to.equal(false)
        expect(await fillIn('customer:1#en', variant, 'old')).to.equal(false)
        expect(await textAt('customer:1')).to.equal('new')
        expect(await textAt('customer:1#en')).to.equal(null)
      })

      it('nor one loaded before a newer value was put', async () => {
        const early = await leaseOn('customer:1')
        const fence = await store.fence('customer')
        expect(await store.put('customer:1', fence, Buffer.from('new'), TTL_MS, 'replace')).to.equal('stored')
        expect(await fillIn('customer:1', early, 'old')).to.equal(false)
        expect(await textAt('customer:1')).to.equal('new')
      })
    })

    describe('values', () => {
      it('says null for what is not there', async () => {
        expect(await store.get('customer:1')).to.equal(null)
      })

      it('answers get without asking for a lease', async () => {
        await store.get('a')
        expect((await store.lookup('a', NO_GRACE)).kind).to.equal('lease')
      })

      it('gives back every byte as it was', async () => {
        const bytes = Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256))
        await store.set('bytes', bytes, TTL_MS)
        expect((await store.get('bytes'))?.value.equals(bytes)).to.equal(true)
        await store.evict([{ kind: 'key', key: 'bytes' }])
        await store.fill('bytes', await leaseOn('bytes'), bytes, TTL_MS)
        const found = await store.lookup('bytes', NO_GRACE)
        expect(found.kind === 'hit' && found.value.equals(bytes)).to.equal(true)
        const stale = await store.lookup('bytes', LONG_GRACE)
        expect(stale.kind === 'lease' && stale.stale?.value.equals(bytes)).to.equal(true)
      })

      it('serves an empty value as a value', async () => {
        await write('empty', '')
        const found = await store.lookup('empty', NO_GRACE)
        expect(found.kind === 'hit' && found.value.length).to.equal(0)
        expect((await store.lookup('empty', LONG_GRACE)).kind).to.equal('lease')
        expect(await textAt('empty')).to.equal('')
        expect(await store.evict([{ kind: 'key', key: 'empty' }])).to.equal(1)
      })

      it('is no longer there when its time is over', async () => {
        await store.set('a', Buffer.from('soon gone'), 40)
        expect(await textAt('a')).to.equal('soon gone')
        await eventually('the value to expire', async () => (await store.get('a')) === null)
        expect(await store.lookup('a', NO_GRACE)).to.deep.include({ kind: 'lease', stale: null })
        expect(await store.evict([{ kind: 'key', key: 'a' }])).to.equal(0)
      })

      it('counts a fraction of a millisecond as one', async () => {
        await store.set('a', Buffer.from('a'), 0.4)
        await eventually('the value to expire', async () => (await store.get('a')) === null)
      })

      it('hands out a stale value with the lease, and to those who come while it is reloaded', async () => {
        await write('a', 'old')
        const first = await store.lookup('a', LONG_GRACE)
        const second = await store.lookup('a', LONG_GRACE)
        if (first.kind !== 'lease' || second.kind !== 'busy') throw new Error('not a lease, then busy')
        expect(second.lease).to.equal(first.lease)
        for (const { stale } of [first, second]) {
          expect(stale?.value.toString()).to.equal('old')
          expect(stale?.remainingMs).to.be.within(1, TTL_MS)
        }
        expect(await fillIn('a', first.lease, 'new')).to.equal(true)
        expect(await textAt('a')).to.equal('new')
      })

      it('serves what is not yet in its grace as fresh', async () => {
        await write('a')
        expect((await store.lookup('a', { leaseMs: 1_000, graceMs: TTL_MS / 2 })).kind).to.equal('hit')
      })

      it('replaces value and lifetime by a set', async () => {
        await store.set('a', Buffer.from('old'), 1_000)
        await write('a', 'new')
        const found = await store.get('a')
        expect(found?.value.toString()).to.equal('new')
        expect(found?.remainingMs).to.be.greaterThan(TTL_MS / 2)
      })

      for (const key of [
        'with space',
        'ключ:日本:🙂',
        'a*b:*',
        'x[1-2]:?',
        'back\\slash',
        'a#b#c',
        '{user:1}:x',
        '%2A:%25',
        '-:^$.+()',
        ' ',
        'line\nbreak:\0',
      ]) {
        it(`keeps the key ${JSON.stringify(key)} apart from all others`, async () => {
          const near = [`${key}x`, `x${key}`, key.slice(0, -1), key.replaceAll('*', 'b')].filter(
            (other) => other !== key && !other.startsWith(`${key}#`),
          )
          for (const other of near) await write(other, 'near')
          await write(key, 'mine')
          expect(await textAt(key)).to.equal('mine')
          await store.evict([{ kind: 'key', key }])
          expect(await textAt(key)).to.equal(null)
          expect(await heldOf(near)).to.deep.equal(near)
        })
      }
    })

    describe('a limit on keys', () => {
      const CAP = { prefix: 'search:', maxKeys: 3 }
      const HELD = ['search:a', 'search:b', 'search:c']
      const ask = (key: string, { keyLimit = CAP, leaseMs = 60_000, graceMs = 0 } = {}) =>
        store.lookup(key, { leaseMs, graceMs, keyLimit })
      const kindOf = async (...args: Parameters<typeof ask>) => (await ask(...args)).kind
      const load = async (key: string, ttlMs = TTL_MS, keyLimit = CAP) =>
        store.fill(key, leaseIn(await ask(key, { keyLimit })), Buffer.from(key), ttlMs)
      const loadAll = async (keys: readonly string[], ttlMs = TTL_MS, keyLimit = CAP) => {
        for (const key of keys) expect(await load(key, ttlMs, keyLimit)).to.equal(true)
      }

      it('lets so many keys in and no more, while those that are there are served', async () => {
        await loadAll(HELD)
        expect(await ask('search:d')).to.deep.equal({ kind: 'full' })
        expect(await ask('search:e')).to.deep.equal({ kind: 'full' })
        for (const key of HELD) expect(await kindOf(key), key).to.equal('hit')
        expect(await textAt('search:d')).to.equal(null)
        expect(await store.evict([{ kind: 'pattern', pattern: 'search:*' }])).to.equal(3)
      })

      it('counts a key from its lease on, and lets further readers of it know who loads', async () => {
        const lease = leaseIn(await ask('search:a'))
        await ask('search:b')
        await ask('search:c')
        expect(await kindOf('search:d')).to.equal('full')
        expect(await ask('search:a')).to.deep.equal({ kind: 'busy', lease, stale: null })
        expect(await fillIn('search:a', lease)).to.equal(true)
      })

      it('lets a key be loaded again whose value is stale', async () => {
        await loadAll(HELD)
        const found = await ask('search:a', { graceMs: LONG_GRACE.graceMs })
        expect(found.kind === 'lease' && found.stale?.value.toString()).to.equal('search:a')
        expect(await fillIn('search:a', leaseIn(found), 'new')).to.equal(true)
        expect(await textAt('search:a')).to.equal('new')
      })

      it('has a place again for each key that is evicted, and for each lease given back', async () => {
        await loadAll(HELD)
        await store.evict([{ kind: 'key', key: 'search:b' }])
        const lease = leaseIn(await ask('search:d'))
        expect(await kindOf('search:e')).to.equal('full')
        await store.release('search:d', lease)
        expect(await load('search:e')).to.equal(true)
        expect(await kindOf('search:b')).to.equal('full')
      })

      it('has a place again for each value that expired', async () => {
        await loadAll(['search:a', 'search:b'])
        await load('search:c', 500)
        expect(await kindOf('search:d')).to.equal('full')
        await eventually('a place for it', async () => (await kindOf('search:d')) === 'lease')
        expect(await kindOf('search:e')).to.equal('full')
        for (const key of ['search:a', 'search:b']) expect(await kindOf(key), key).to.equal('hit')
      })

      it('has a place again for each lease of a reader that died', async () => {
        for (const key of HELD) await ask(key, { leaseMs: 40 })
        await eventually('a place for it', async () => (await kindOf('search:d')) === 'lease')
      })

      it('finds a dead key among many living ones, wherever it stands', async () => {
        const keyLimit = { prefix: 'search:', maxKeys: 200 }
        await writeAll(Array.from({ length: 199 }, (_, id) => `search:${id}x`))
        await writeAll(Array.from({ length: 300 }, (_, id) => `rows:${id}`))
        await load('search:5', 1, keyLimit)
        await store.set('later', Buffer.from('x'), 1)
        await eventually('it to expire', async () => (await store.get('later')) === null)
        let refused = 0
        while ((await kindOf('search:new', { keyLimit })) === 'full') {
          refused += 1
          if (refused > 5_000) throw new Error('the dead keep it full')
        }
      })

      it('counts by the whole prefix and nothing else', async () => {
        await loadAll(HELD)
        await writeAll(['search', 'searching:1', 'search-:1', 'task:1', 'task:2', 'task:3', 'task:4', 'zzz'])
        expect(await kindOf('search:d')).to.equal('full')
        expect(await kindOf('task:5', { keyLimit: { prefix: 'task:', maxKeys: 5 } })).to.equal('lease')
        expect(await kindOf('task:6', { keyLimit: { prefix: 'task:', maxKeys: 5 } })).to.equal('full')
        expect(await kindOf('users:list:1', { keyLimit: { prefix: 'users:list:', maxKeys: 1 } })).to.equal(
          'lease',
        )
        await store.evict([{ kind: 'pattern', pattern: 'task:*' }])
        expect(await kindOf('search:d')).to.equal('full')
      })

      it('is shared by those who name the same prefix, and counts what has a longer one', async () => {
        await loadAll(['search:a', 'search:deep:b', 'search:c#en'])
        expect(await kindOf('search:d')).to.equal('full')
        expect(await kindOf('search:d', { keyLimit: { prefix: 'search:', maxKeys: 4 } })).to.equal('lease')
        expect(await kindOf('search:deep:c', { keyLimit: { prefix: 'search:deep:', maxKeys: 1 } })).to.equal(
          'full',
        )
        expect(await kindOf('other', { keyLimit: { prefix: '', maxKeys: 4 } })).to.equal('full')
        expect(await kindOf('other', { keyLimit: { prefix: '', maxKeys: 5 } })).to.equal('lease')
      })

      it('holds for lookups alone: what is set or put comes in, and counts', async () => {
        await loadAll(HELD)
        await write('search:set')
        const fence = await store.fence('search')
        expect(await store.put('search:put', fence, Buffer.from('x'), TTL_MS, 'if-absent')).to.equal('stored')
        expect(await kindOf('search:set')).to.equal('hit')
        expect(await kindOf('search:put')).to.equal('hit')
        await store.evict([{ kind: 'key', key: 'search:a' }])
        expect(await kindOf('search:d')).to.equal('full')
      })

      it('is not for those who name none', async () => {
        await loadAll(HELD)
        expect((await store.lookup('search:d', NO_GRACE)).kind).to.equal('lease')
      })

      it('lets no more in when many ask at once', async () => {
        const keys = Array.from({ length: 50 }, (_, id) => `search:${id}`)
        const kinds = await Promise.all(keys.map((key) => kindOf(key)))
        expect(kinds.filter((kind) => kind === 'lease')).to.have.lengthOf(3)
        expect(kinds.filter((kind) => kind === 'full')).to.have.lengthOf(47)
      })
    })

    describe('eviction', () => {
      it('removes a key and its variants, and says how many values that were', async () => {
        await writeAll([
          'user:1',
          'user:1#en',
          'user:1#de',
          'user:10',
          'user',
          'user:1:x',
          'user:1$',
          'user:1"',
        ])
        expect(await store.evict([{ kind: 'key', key: 'user:1' }])).to.equal(3)
        const left = ['user:10', 'user', 'user:1:x', 'user:1$', 'user:1"']
        expect(await heldOf(['user:1', 'user:1#en', 'user:1#de', ...left])).to.deep.equal(left)
      })

      it('removes the variants of a key that has no value itself', async () => {
        await writeAll(['user:1#en', 'user:1#de'])
        expect(await store.evict([{ kind: 'key', key: 'user:1' }])).to.equal(2)
      })

      it('removes one variant alone when that is what is named', async () => {
        await writeAll(['user:1', 'user:1#en', 'user:1#e'])
        expect(await store.evict([{ kind: 'key', key: 'user:1#e' }])).to.equal(1)
        expect(await heldOf(['user:1', 'user:1#en'])).to.have.lengthOf(2)
      })

      it('takes a star at the end of a pattern for one or more segments', async () => {
        const covered = [
          'customers:list:1',
          'customers:list:1:10:all',
          'customers:list:1#en',
          'customers:list:',
        ]
        const others = [
          'customers:list',
          'customers:count',
          'customers:lists:1',
          'customer:list:1',
          'customers',
        ]
        await writeAll([...covered, ...others])
        expect(await store.evict([{ kind: 'pattern', pattern: 'customers:list:*' }])).to.equal(covered.length)
        expect(await heldOf([...covered, ...others])).to.deep.equal(others)
      })

      it('takes a star in the middle of a pattern for exactly one segment', async () => {
        const covered = ['tasks:7:open', 'tasks:8:open', 'tasks:8:open#en', 'tasks::open']
        const others = [
          'tasks:open',
          'tasks:7:8:open',
          'tasks:7:open:x',
          'tasks:7:opened',
          'tasks:7',
          'task:7:open',
        ]
        await writeAll([...covered, ...others])
        expect(await store.evict([{ kind: 'pattern', pattern: 'tasks:*:open' }])).to.equal(covered.length)
        expect(await heldOf([...covered, ...others])).to.deep.equal(others)
      })

      it('takes characters that mean something in a pattern language literally', async () => {
        await writeAll(['a.c:1', 'abc:1', 'a%2Ac:1', 'a%2Bc:1', 'a-z:1', 'a~c:1', 'a+:1'])
        expect(await store.evict([{ kind: 'pattern', pattern: 'a.c:*' }])).to.equal(1)
        expect(await store.evict([{ kind: 'pattern', pattern: 'a%2Ac:*' }])).to.equal(1)
        expect(await store.evict([{ kind: 'pattern', pattern: 'a-z:*' }])).to.equal(1)
        expect(await store.evict([{ kind: 'pattern', pattern: 'a+:*' }])).to.equal(1)
        expect(await heldOf(['abc:1', 'a%2Bc:1', 'a~c:1'])).to.have.lengthOf(3)
      })

      it('removes everything for the pattern of one star', async () => {
        await writeAll(['a', 'a:b', 'a:b:c', 'x#y'])
        expect(await store.evict([{ kind: 'pattern', pattern: '*' }])).to.equal(4)
      })

      const globs: [glob: string, covered: string[], others: string[]][] = [
        ['user:?', ['user:1', 'user:?'], ['user:', 'user:10']],
        ['user:1*', ['user:1', 'user:10', 'user:1:x'], ['user:2']],
        ['*:1', ['user:1', 'a:b:1'], ['user:10']],
        ['u*r:*1', ['user:1', 'ur:21'], ['use:1', 'user:12']],
        ['user:[a-c]', ['user:a', 'user:c'], ['user:d', 'user:-']],
        ['user:[^a]', ['user:b', 'user:^'], ['user:a']],
        ['user:[c-a]', ['user:b'], ['user:d']],
        ['user:\\*', ['user:*'], ['user:1', 'user:\\']],
        ['user:[\\]x]', ['user:]', 'user:x'], ['user:\\']],
        ['user:[ab', ['user:a', 'user:b'], ['user:[ab']],
        ['use[]r', [], ['user', 'use']],
        ['us**er', ['user', 'us:er'], ['usr']],
        ['x.%-', ['x.%-'], ['xy%-']],
        ['é?', ['éa', 'éb'], ['e', 'éab']],
      ]
      for (const [glob, covered, others] of globs) {
        it(`reads the glob ${glob} as Redis does`, async () => {
          await writeAll([...covered, ...others])
          expect(await store.evict([{ kind: 'glob', glob }])).to.equal(covered.length)
          expect(await heldOf([...covered, ...others])).to.deep.equal(others)
        })
      }

      it('lets a glob that covers a key cover its variants', async () => {
        await writeAll(['user:1#en', 'user:2#en', 'user:33#en'])
        expect(await store.evict([{ kind: 'glob', glob: 'user:?' }])).to.equal(2)
        expect(await store.evict([{ kind: 'glob', glob: 'user:*#en' }])).to.equal(1)
      })

      it('takes many selectors at once and counts no value twice', async () => {
        await writeAll(Array.from({ length: 250 }, (_, id) => `user:${id}`))
        const selectors: Selector[] = Array.from({ length: 250 }, (_, id) => ({
          kind: 'key',
          key: `user:${id}`,
        }))
        expect(await store.evict([...selectors, { kind: 'pattern', pattern: 'user:*' }])).to.equal(250)
      })

      it('does nothing for no selectors', async () => {
        await write('a')
        expect(await store.evict([])).to.equal(0)
        expect(await textAt('a')).to.equal('a')
      })

      it('removes 5,000 values among as many others', async () => {
        const keys = Array.from({ length: 10_000 }, (_, id) => `${id % 2 === 0 ? 'user' : 'task'}:${id}`)
        for (let at = 0; at < keys.length; at += 1_000) await writeAll(keys.slice(at, at + 1_000))
        expect(await store.evict([{ kind: 'pattern', pattern: 'user:*' }])).to.equal(5_000)
        expect(await store.evict([{ kind: 'pattern', pattern: '*' }])).to.equal(5_000)
      })

      it('leaves a reader who comes afterwards alone', async () => {
        await write('a', 'old')
        await store.evict([{ kind: 'key', key: 'a' }])
        const lease = await leaseOn('a')
        expect(await fillIn('a', lease, 'new')).to.equal(true)
        expect(await textAt('a')).to.equal('new')
      })

      it('by a pattern removes exactly the keys that the pattern matches', async function () {
        this.timeout(60_000)
        const segment = fc.constantFrom('a', 'b', 'ab', '', '*', '%2A', 'a.', '1', '10')
        const key = fc
          .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '', '#v', '#v:a'))
          .map(([segments, variant]) => segments.join(':') + variant)
          // Redis has no need of a key without a name.
          .filter((text) => text !== '')
        const pattern = fc
          .array(fc.oneof(segment, fc.constant('*')), { minLength: 1, maxLength: 4 })
          .map((segments) => segments.join(':'))
        const keys = fc.uniqueArray(key, { minLength: 1, maxLength: 25 })
        await fc.assert(
          fc.asyncProperty(keys, fc.array(pattern, { maxLength: 3 }), async (written, patterns) => {
            await store.evict([{ kind: 'pattern', pattern: '*' }])
            // In the order of their lengths: setting a key takes its variants away.
            for (const each of [...written].sort((a, b) => a.length - b.length)) await write(each)
            const removed = await store.evict(patterns.map((each) => ({ kind: 'pattern', pattern: each })))
            const left = written.filter((each) => !patterns.some((by) => matchesPattern(by, each)))
            expect(await heldOf(written)).to.deep.equal(left)
            expect(removed).to.equal(written.length - left.length)
          }),
          { numRuns: 150 },
        )
      })
    })

    describe('fences', () => {
      const put = (key: string, fence: string, text: string, mode: 'replace' | 'if-absent' = 'replace') =>
        store.put(key, fence, Buffer.from(text), TTL_MS, mode)

      it('gives everyone of a group the same token, and each group its own', async () => {
        const fence = await store.fence('user')
        expect(await store.fence('user')).to.equal(fence)
        expect(await store.fence('task')).to.not.equal(fence)
      })

      const breaking: Record<string, () => Promise<unknown>> = {
        'a key of the group is evicted': () => store.evict([{ kind: 'key', key: 'user:2' }]),
        'a pattern of the group is evicted': () => store.evict([{ kind: 'pattern', pattern: 'user:*' }]),
        'a pattern of all groups is evicted': () => store.evict([{ kind: 'pattern', pattern: '*:1' }]),
        'a glob of the group is evicted': () => store.evict([{ kind: 'glob', glob: 'user:*' }]),
        'a glob that may reach the group is evicted': () => store.evict([{ kind: 'glob', glob: 'us*' }]),
        'a key of the group is set': () => write('user:2'),
        'a key of the group is put': async () => put('user:2', await store.fence('user'), 'x'),
        'a variant of the group’s own key is evicted': () => store.evict([{ kind: 'key', key: 'user#en' }]),
      }
      for (const [event, act] of Object.entries(breaking)) {
        it(`fall when ${event}`, async () => {
          const fence = await store.fence('user')
          await act()
          expect(await put('user:1', fence, 'old', 'if-absent')).to.equal('refused')
          expect(await put('user:1', fence, 'old')).to.equal('refused')
          expect(await textAt('user:1')).to.equal(null)
          expect(await store.fence('user')).to.not.equal(fence)
        })
      }

      const harmless: Record<string, () => Promise<unknown>> = {
        'another group is evicted': () =>
          store.evict([
            { kind: 'key', key: 'users:1' },
            { kind: 'pattern', pattern: 'task:*' },
            { kind: 'glob', glob: 'use:*' },
          ]),
        'a loaded value is stored': async () => fillIn('user:2', await leaseOn('user:2')),
        'a lease is given back': async () => store.release('user:2', await leaseOn('user:2')),
        'a value is put where none was': async () =>
          put('user:2', await store.fence('user'), 'x', 'if-absent'),
      }
      for (const [event, act] of Object.entries(harmless)) {
        it(`stand when ${event}`, async () => {
          const fence = await store.fence('user')
          await act()
          expect(await put('user:1', fence, 'new')).to.equal('stored')
          expect(await textAt('user:1')).to.equal('new')
        })
      }

      it('guard a group whose only key has no separator, and its variants', async () => {
        const fence = await store.fence('health')
        expect(await put('health#en', fence, 'new', 'if-absent')).to.equal('stored')
        await store.evict([{ kind: 'key', key: 'health' }])
        expect(await put('health#en', fence, 'old', 'if-absent')).to.equal('refused')
      })

      it('leave nothing under a key when two writers began behind the same one', async () => {
        const fence = await store.fence('user')
        expect(await put('user:1', fence, 'one')).to.equal('stored')
        expect(await put('user:1', fence, 'two')).to.equal('refused')
        expect(await textAt('user:1')).to.equal(null)
      })

      it('evict value, variants and leases when a replacement is refused', async () => {
        const fence = await store.fence('user')
        await writeAll(['user:1', 'user:1#en'])
        const lease = await leaseOn('user:1', LONG_GRACE)
        expect(await put('user:1', fence, 'old')).to.equal('refused')
        expect(await heldOf(['user:1', 'user:1#en'])).to.deep.equal([])
        expect(await fillIn('user:1', lease)).to.equal(false)
      })

      it('take the variants away with a replacement', async () => {
        await writeAll(['user:1', 'user:1#en'])
        expect(await put('user:1', await store.fence('user'), 'new')).to.equal('stored')
        expect(await textAt('user:1')).to.equal('new')
        expect(await textAt('user:1#en')).to.equal(null)
      })

      it('keep what is there, in the mode that only fills gaps', async () => {
        await write('user:1', 'there')
        expect(await put('user:1', await store.fence('user'), 'mine', 'if-absent')).to.equal('present')
        expect(await put('user:1', 'made-up', 'mine', 'if-absent')).to.equal('present')
        expect(await textAt('user:1')).to.equal('there')
      })

      it('leave the one who is loading alone, in the mode that only fills gaps', async () => {
        const lease = await leaseOn('user:1')
        expect(await put('user:1', await store.fence('user'), 'mine', 'if-absent')).to.equal('present')
        expect(await textAt('user:1')).to.equal(null)
        expect(await fillIn('user:1', lease, 'loaded')).to.equal(true)
        expect(await textAt('user:1')).to.equal('loaded')
      })

      it('refuse a token that nobody was given, also where none stands', async () => {
        for (const token of ['', '.', 'made-up', 'a.b', 'undefined.undefined', 'false.false']) {
          expect(await put('user:1', token, 'x')).to.equal('refused')
          expect(await put('user:1', token, 'x', 'if-absent')).to.equal('refused')
        }
        expect(await textAt('user:1')).to.equal(null)
      })
    })
  })
}

function leaseIn(found: Lookup): string {
  if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
  return found.lease
}
