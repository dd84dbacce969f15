import { expect } from 'chai'
import type { Selector, Store, TagSelector } from '#src/stores/store.js'
import { NO_GRACE, type StoreUnderTest, TestedStore, TTL_MS } from './tested-store.js'

type IntendingStore = Store & Required<Pick<Store, 'intend'>>

const USER: readonly Selector[] = [{ kind: 'key', key: 'user:1' }]
const USERS: readonly Selector[] = [{ kind: 'pattern', pattern: 'user:*' }]
const LONG_MS = 60_000

/** What stores promise of intents that have them. */
export function describeIntents(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name}, by the contract of intents,`, () => {
    const tested = new TestedStore(make)
    const { textAt, write, writeAll, leaseOn, fillIn, heldOf } = tested
    let store: IntendingStore
    beforeEach(() => {
      store = tested.store as IntendingStore
    })

    const kindOf = async (key: string) => (await store.lookup(key, NO_GRACE)).kind
    const put = (key: string, fence: string, mode: 'replace' | 'if-absent') =>
      store.put(key, fence, Buffer.from('put'), TTL_MS, mode)

    const KEYS = ['user:1', 'user:1#en', 'user:1:tasks', 'user:10', 'user:2', 'user', 'users:1', 'task:1:a']
    const covering: readonly Selector[] = [
      { kind: 'key', key: 'user:1' },
      { kind: 'key', key: 'user' },
      { kind: 'key', key: 'user:1#en' },
      { kind: 'pattern', pattern: 'user:*' },
      { kind: 'pattern', pattern: 'user:*:tasks' },
      { kind: 'pattern', pattern: '*:1:a' },
      { kind: 'glob', glob: 'user:1*' },
      { kind: 'glob', glob: 'user:[12]' },
      { kind: 'glob', glob: '*' },
    ]
    for (const selector of covering) {
      const text = `${selector.kind} ${Object.values(selector)[1]}`
      it(`removes what the ${text} covers, and lets nobody load that and nothing else`, async () => {
        await writeAll(KEYS)
        const removed = await store.intend('token', [selector], LONG_MS)
        const held = await heldOf(KEYS)
        expect(removed).to.equal(KEYS.length - held.length)
        expect(removed).to.be.greaterThan(0)
        for (const key of KEYS) {
          expect(await kindOf(key), key).to.equal(held.includes(key) ? 'hit' : 'intended')
        }
      })
    }

    it('remove what more than one script can, and end with what more than one script removes', async () => {
      const keys = Array.from({ length: 1_200 }, (_, id) => `user:${id}`)
      for (let at = 0; at < keys.length; at += 100) await writeAll(keys.slice(at, at + 100))
      expect(await store.intend('token', [...USERS, { kind: 'key', key: 'task:1' }], LONG_MS)).to.equal(1_200)
      expect([await kindOf('user:1199'), await kindOf('task:1'), await kindOf('task:2')]).to.deep.equal([
        'intended',
        'intended',
        'lease',
      ])
      await store.evict([...USERS, ...keys.map((key) => ({ kind: 'key', key }) as const)], 'token')
      expect([await kindOf('user:1199'), await kindOf('task:1')]).to.deep.equal(['lease', 'lease'])
    })

    it('let no load store that began before', async () => {
      const lease = await leaseOn('user:1')
      await store.intend('token', USER, LONG_MS)
      expect(await fillIn('user:1', lease, 'old')).to.equal(false)
      expect(await textAt('user:1')).to.equal(null)
    })

    it('let nothing be set', async () => {
      await store.intend('token', USER, LONG_MS)
      expect(await write('user:1', 'old')).to.equal(false)
      expect(await textAt('user:1')).to.equal(null)
      expect(await write('user:2')).to.equal(true)
    })

    for (const mode of ['replace', 'if-absent'] as const) {
      it(`let nobody put (${mode}) but who has the intent, of this group alone`, async () => {
        const early = await store.fence('user')
        await store.intend('token', USER, LONG_MS)
        const late = await store.fence('user')
        const other = await store.fence('task')
        expect(await put('user:1', early, mode)).to.equal('refused')
        expect(await put('user:1', late, mode)).to.equal('refused')
        expect(await textAt('user:1')).to.equal(null)
        expect(await put('task:1', other, mode)).to.equal('stored')
        expect(await put('user:1', await store.fence('user', 'token'), mode)).to.equal('stored')
      })
    }

    it('of all groups let nobody put anything', async () => {
      await store.intend('token', [{ kind: 'glob', glob: '*' }], LONG_MS)
      expect(await put('task:1', await store.fence('task'), 'if-absent')).to.equal('refused')
    })

    it('let nobody put behind another’s, who has an intent of the same group too', async () => {
      await store.intend('one', USER, LONG_MS)
      await store.intend('other', USER, LONG_MS)
      expect(await put('user:1', await store.fence('user', 'one'), 'replace')).to.equal('refused')
      await store.evict([], 'other')
      expect(await put('user:1', await store.fence('user', 'one'), 'replace')).to.equal('stored')
    })

    it('end with the eviction that settles them, and no others', async () => {
      await store.intend('one', USER, LONG_MS)
      await store.intend('other', USERS, LONG_MS)
      await store.evict(USERS)
      expect(await kindOf('user:1')).to.equal('intended')
      await store.evict(USER, 'other')
      expect([await kindOf('user:1'), await kindOf('user:2')]).to.deep.equal(['intended', 'lease'])
      await store.evict([], 'one')
      expect(await kindOf('user:1')).to.equal('lease')
    })

    it('are void after their time; what is stored then goes with the eviction that settles them', async () => {
      await store.intend('longer', [{ kind: 'key', key: 'task:1' }], LONG_MS)
      await store.intend('token', USER, 50)
      expect(await kindOf('user:1')).to.equal('intended')
      await tested.eventually('the intent to be void', async () => (await kindOf('user:1')) !== 'intended')
      expect(await write('user:1', 'old')).to.equal(true)
      expect(await store.evict(USER, 'token')).to.equal(1)
      expect(await textAt('user:1')).to.equal(null)
      expect(await kindOf('task:1')).to.equal('intended')
    })

    describe('of tags', () => {
      const AUTHOR: readonly TagSelector[] = [{ kind: 'tag', tag: 'author:7' }]
      const AUTHORS: readonly TagSelector[] = [{ kind: 'tags', prefix: 'author:' }]
      const load = async (key: string, tags: readonly string[]) => fillIn(key, await leaseOn(key), key, tags)

      for (const selectors of [AUTHOR, AUTHORS]) {
        it(`remove what carries them, and let nobody store that and nothing else (${selectors[0]?.kind})`, async () => {
          await load('a', ['topic:1', 'author:7'])
          await load('b', ['topic:1'])
          const early = await leaseOn('c')
          expect(await store.intend('token', selectors, LONG_MS)).to.equal(1)
          expect(await heldOf(['a', 'b'])).to.deep.equal(['b'])
          expect(await fillIn('c', early, 'old', ['author:7'])).to.equal(false)
          expect(await load('a', ['topic:1', 'author:7'])).to.equal(false)
          expect(await heldOf(['a', 'b', 'c'])).to.deep.equal(['b'])
          expect(await load('c', ['topic:1', 'author'])).to.equal(true)
          // A key that is called as the tag is another matter.
          expect(await load('author:7', [])).to.equal(true)
        })
      }

      it('end with the eviction that settles them, which a load that began before does not survive', async () => {
        await store.intend('token', AUTHOR, LONG_MS)
        const early = await leaseOn('a')
        await store.evict(AUTHOR, 'token')
        expect(await fillIn('a', early, 'old', ['author:7'])).to.equal(false)
        expect(await load('a', ['author:7'])).to.equal(true)
      })

      it('end without an eviction where nothing was written', async () => {
        await store.intend('token', AUTHOR, LONG_MS)
        await store.evict([], 'token')
        expect(await load('a', ['author:7'])).to.equal(true)
      })

      it('are void after their time, for loads that begin afterwards and no others', async () => {
        await store.intend('token', AUTHOR, 50)
        const early = await leaseOn('a')
        await tested.eventually('the intent to be void', () => load('b', ['author:7']))
        expect(await fillIn('a', early, 'old', ['author:7'])).to.equal(false)
        expect(await load('a', ['author:7'])).to.equal(true)
      })

      it('are void for loads under way also where a lookup finds that first', async () => {
        await store.intend('longer', USER, 500)
        await store.intend('token', AUTHOR, 50)
        const early = await leaseOn('a')
        await tested.eventually('the intents to be void', async () => (await kindOf('user:1')) !== 'intended')
        expect(await fillIn('a', early, 'old', ['author:7'])).to.equal(false)
      })

      for (const mode of ['replace', 'if-absent'] as const) {
        it(`let nobody put (${mode}) what carries them but who has the intent`, async () => {
          await store.intend('token', AUTHOR, LONG_MS)
          const putTagged = (fence: string, tags: readonly string[]) =>
            store.put('a', fence, Buffer.from('put'), TTL_MS, mode, tags)
          expect(await putTagged(await store.fence('a'), ['author:7'])).to.equal('refused')
          expect(await putTagged(await store.fence('a', 'other'), ['author:7'])).to.equal('refused')
          expect(await textAt('a')).to.equal(null)
          expect(await putTagged(await store.fence('a', 'token'), ['author:7'])).to.equal('stored')
          await store.evict([{ kind: 'key', key: 'a' }])
          expect(await putTagged(await store.fence('a'), ['author:8'])).to.equal('stored')
        })
      }
    })
  })
}
