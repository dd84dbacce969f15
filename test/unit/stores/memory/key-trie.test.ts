import { expect } from 'chai'
import fc from 'fast-check'
import { matchesPattern } from '#src/keys/match-pattern.js'
import { KeyTrie } from '#src/stores/memory/key-trie.js'

describe('KeyTrie', () => {
  const segment = fc.constantFrom('a', 'b', 'ab', '', '*')
  const key = fc
    .tuple(fc.array(segment, { minLength: 1, maxLength: 4 }), fc.constantFrom('', '#v', '#v:a'))
    .map(([segments, variant]) => segments.join(':') + variant)
  const keys = fc.uniqueArray(key, { maxLength: 30 })
  const pattern = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => segments.join(':'))

  it('finds just what matches a pattern among what was added and not deleted', () => {
    fc.assert(
      fc.property(keys, keys, pattern, (added, deleted, by) => {
        const trie = new KeyTrie()
        for (const each of added) trie.add(each)
        for (const each of deleted) trie.delete(each)
        const held = added.filter((each) => !deleted.includes(each))
        expect(trie.all()).to.have.members(held)
        expect(trie.startingWith(by)).to.have.members(held.filter((each) => each.startsWith(by)))
        const whole = added[0] ?? ''
        expect(trie.startingWith(whole)).to.have.members(held.filter((each) => each.startsWith(whole)))
        expect(trie.matching(by)).to.have.members(held.filter((each) => matchesPattern(by, each)))
      }),
    )
  })

  it('finds a key and its variants, and not the keys beside it', () => {
    const trie = new KeyTrie()
    for (const each of ['a:1', 'a:1#en', 'a:1#e', 'a:1#e#x', 'a:10', 'a:*', 'a']) trie.add(each)
    expect(trie.withVariants('a:1')).to.have.members(['a:1', 'a:1#en', 'a:1#e', 'a:1#e#x'])
    expect(trie.withVariants('a:1#e')).to.have.members(['a:1#e', 'a:1#e#x'])
    expect(trie.withVariants('a:*')).to.have.members(['a:*'])
    expect(trie.withVariants('b')).to.deep.equal([])
  })

  it('takes keys of very many segments', () => {
    const trie = new KeyTrie()
    const deep = 'x:'.repeat(20_000)
    trie.add(deep)
    expect(trie.matching('x:*')).to.deep.equal([deep])
    trie.delete(deep)
    expect(trie.all()).to.deep.equal([])
  })
})
