import { expect } from 'chai'
import fc from 'fast-check'
import { wordFinder } from '#src/keys/named-words.js'
import type { Selector, Store } from '#src/stores/store.js'
import { type TestedStore, TTL_MS } from './tested-store.js'

const naming = (...words: string[]): readonly Selector[] => [
  { kind: 'naming', words },
  { kind: 'tags-naming', words },
]

export function describeNaming(tested: TestedStore): void {
  describe('as to what names a word,', () => {
    const { writeAll, leaseOn, fillIn, heldOf, textAt } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })
    const fillTagged = async (key: string, tags: readonly string[]) =>
      store.fill(key, await leaseOn(key), Buffer.from(key), TTL_MS, tags)

    it('removes keys in which it stands by itself, and says how many values that were', async () => {
      const covered = [
        '42',
        'user:42',
        'user:42:tasks',
        'user:42#en',
        'user:7#id=42',
        'user-42',
        'p:%2Fusers%2F42',
      ]
      const others = ['user:142', 'user:420', 'user:4', 'user:4:2', 'user:a42', 'page:%3A420']
      await writeAll([...covered, ...others])
      expect(await store.evict(naming('42'))).to.equal(covered.length)
      expect(await heldOf([...covered, ...others])).to.deep.equal(others)
      expect(await store.evict(naming('42'))).to.equal(0)
    })

    it('removes what carries a tag in which it stands by itself, wherever among the tags', async () => {
      const many = Array.from({ length: 60 }, (_, nth) => nth)
      await Promise.all(many.map((nth) => fillTagged(`list:${nth}x`, ['tasks*', `tasks[userId=${nth}]`])))
      await fillTagged('feed', ['a', 'author:42', 'users#42', 'z'])
      expect(await store.evict(naming('42'))).to.equal(2)
      expect(await textAt('feed')).to.equal(null)
      expect(await textAt('list:42x')).to.equal(null)
      expect(await heldOf(many.map((nth) => `list:${nth}x`))).to.have.lengthOf(59)
      // What has gone has left no tag behind.
      expect(await store.evict([{ kind: 'tags', prefix: 'tasks*' }])).to.equal(59)
    })

    it('takes no capital for another letter, and several words at once', async () => {
      const covered = ['user:Ada@CRM.example', 'user:a%20B', 'user:É']
      await writeAll([...covered, 'user:ad', 'user:b'])
      await fillTagged('tagged', ['mail=ADA@crm.example'])
      expect(await store.evict(naming('ada@crm.EXAMPLE', 'A%20b', 'É'))).to.equal(4)
      expect(await heldOf([...covered, 'user:ad', 'user:b', 'tagged'])).to.deep.equal(['user:ad', 'user:b'])
    })

    it('stores nothing that was loaded before under such a key, or turns out to carry such a tag', async () => {
      const [named, tagged, other] = [await leaseOn('user:42'), await leaseOn('feed'), await leaseOn('plain')]
      const fence = await store.fence('user')
      await store.evict(naming('42'))
      expect(await fillIn('user:42', named)).to.equal(false)
      expect(await fillIn('feed', tagged, 'feed', ['author:42'])).to.equal(false)
      expect(await store.put('user:42', fence, Buffer.from('old'), TTL_MS, 'if-absent')).to.equal('refused')
      expect(await fillIn('plain', other)).to.equal(true)
      expect(await fillIn('user:42', await leaseOn('user:42'))).to.equal(true)
    })

    it('goes through more than one script looks at', async function () {
      this.timeout(30_000)
      const many = Array.from({ length: 1_200 }, (_, nth) => `k:${nth}`)
      await writeAll(many)
      await Promise.all(many.slice(0, 300).map((key, nth) => fillTagged(`t:${key}`, ['all', `x:${nth}`])))
      expect(await store.evict(naming('1100'))).to.equal(1)
      expect(await store.evict(naming('299'))).to.equal(2)
      expect(await store.evict(naming('all'))).to.equal(299)
    })

    it('removes exactly what the rule for words says, of any keys, tags and words', async function () {
      this.timeout(30_000)
      const piece = fc.constantFrom('4', '42', 'a', 'A', ':', '-', '%2F', '%253A', '%', '[', '.', 'é', '=')
      const text = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''))
      const word = fc.constantFrom('42', '4', 'a', 'a4', 'é', '%2f', '[', 'a.4')
      const entry = fc.record({ key: text, tags: fc.uniqueArray(text, { maxLength: 2 }) })
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(entry, { selector: ({ key }) => key, maxLength: 12 }),
          fc.uniqueArray(word, { minLength: 1, maxLength: 2 }),
          async (entries, words) => {
            await store.evict([{ kind: 'glob', glob: '*' }])
            for (const { key, tags } of entries) await fillTagged(key, tags)
            const isNamed = wordFinder(words)
            const left = entries.filter(({ key, tags }) => !isNamed(key) && !tags.some(isNamed))
            expect(await store.evict(naming(...words))).to.equal(entries.length - left.length)
            const keys = entries.map(({ key }) => key)
            expect(await heldOf(keys)).to.deep.equal(left.map(({ key }) => key))
          },
        ),
        { numRuns: 30 },
      )
    })
  })
}
