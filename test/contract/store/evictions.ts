import { expect } from 'chai'
import fc from 'fast-check'
import { matchesPattern } from '#src/keys/match-pattern.js'
import type { Selector, Store } from '#src/stores/store.js'
import { type TestedStore } from './tested-store.js'

export function describeEvictions(tested: TestedStore): void {
  describe('as to evictions,', () => {
    const { textAt, write, writeAll, leaseOn, fillIn, heldOf } = tested
    let store: Store
    beforeEach(() => {
      store = tested.store
    })

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
        'customers:list:|1:10:|all',
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

    it('takes the spelling of a default for a segment like any other', async () => {
      await writeAll(['list:|all:1', 'list:all:1', 'list:|all:2', 'list:|al:1'])
      expect(await store.evict([{ kind: 'pattern', pattern: 'list:|all:*' }])).to.equal(2)
      expect(await store.evict([{ kind: 'pattern', pattern: 'list:*:1' }])).to.equal(2)
      await writeAll(['list:|all', 'list:all'])
      expect(await store.evict([{ kind: 'key', key: 'list:|all' }])).to.equal(1)
      expect(await heldOf(['list:|all', 'list:all'])).to.deep.equal(['list:all'])
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

    it('removes everything for the glob of one star, of more keys than go at once', async () => {
      const keys = Array.from({ length: 1_200 }, (_, id) => `group-${id % 7}:${id}`)
      await writeAll([...keys, 'a', 'a#en'])
      expect(await store.evict([{ kind: 'glob', glob: '*' }])).to.equal(1_202)
      expect(await heldOf([...keys.slice(0, 100), 'a', 'a#en'])).to.deep.equal([])
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
}
