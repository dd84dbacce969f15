import { expect } from 'chai'
import { EvictionJournal } from '#src/engine/eviction-journal.js'
import type { Selector } from '#src/stores/store.js'

const ofKey = (key: string | number): Selector => ({ kind: 'key', key: String(key) })
const EVERYTHING = { kind: 'glob', glob: '*' }

describe('EvictionJournal', () => {
  it('keeps each eviction once, in order, until it is delivered', () => {
    const journal = new EvictionJournal()
    expect(journal.isEmpty).to.equal(true)
    journal.add([ofKey('a'), { kind: 'pattern', pattern: 'a' }])
    journal.add([{ kind: 'glob', glob: 'a' }, ofKey('a')])
    const pending = journal.list()
    expect(pending).to.deep.equal([
      { kind: 'key', key: 'a' },
      { kind: 'pattern', pattern: 'a' },
      { kind: 'glob', glob: 'a' },
    ])
    expect(journal.isEmpty).to.equal(false)
    journal.remove(pending)
    expect(journal.isEmpty).to.equal(true)
  })

  it('keeps what came while others were delivered, even if it says the same', () => {
    const journal = new EvictionJournal()
    journal.add([ofKey('a'), ofKey('b')])
    const pending = journal.list()
    journal.add([ofKey('b'), ofKey('c')])
    journal.remove(pending)
    expect(journal.list()).to.deep.equal([ofKey('b'), ofKey('c')])
  })

  it('widens to all keys of their kinds beyond 10,000, and drops none before', () => {
    const journal = new EvictionJournal()
    const keys = Array.from({ length: 9_999 }, (_, index) => ofKey(`user:${index}`))
    journal.add([...keys, { kind: 'pattern', pattern: 'customers:list:*' }])
    expect(journal.size).to.equal(10_000)
    journal.add([ofKey('user:one-more')])
    expect(journal.list()).to.deep.equal([
      ofKey('user'),
      { kind: 'pattern', pattern: 'user:*' },
      ofKey('customers'),
      { kind: 'pattern', pattern: 'customers:*' },
    ])
  })

  it('widens to everything when there are too many kinds, or one of the pending may be of any', () => {
    const ofManyKinds = new EvictionJournal()
    ofManyKinds.add(Array.from({ length: 10_001 }, (_, index) => ofKey(index)))
    expect(ofManyKinds.list()).to.deep.equal([EVERYTHING])

    const ofAnyKind = new EvictionJournal()
    const keys = Array.from({ length: 10_000 }, (_, index) => ofKey(`user:${index}`))
    ofAnyKind.add([...keys, { kind: 'pattern', pattern: '*:1' }])
    expect(ofAnyKind.list()).to.deep.equal([EVERYTHING])
  })

  it('widens more than 20 searches of a group to the group, and leaves other groups as they are', () => {
    const journal = new EvictionJournal()
    const search = (nth: number): Selector => ({ kind: 'glob', glob: `user:*:${nth}` })
    const searches = Array.from({ length: 20 }, (_, nth) => search(nth))
    journal.add([ofKey('task:1'), ...searches, ...searches])
    expect(journal.size).to.equal(21)
    journal.remove(searches.slice(0, 5))
    journal.add(searches.slice(0, 5))
    expect(journal.size).to.equal(21)
    journal.add([search(20)])
    const all = [ofKey('task:1'), ofKey('user'), { kind: 'pattern', pattern: 'user:*' }]
    expect(journal.list()).to.deep.equal(all)
  })

  it('widens more than 20 searches of any group to everything', () => {
    const journal = new EvictionJournal()
    journal.add(Array.from({ length: 21 }, (_, nth) => ({ kind: 'glob', glob: `*:${nth}` })))
    expect(journal.list()).to.deep.equal([EVERYTHING])
  })

  it('keeps tags beside keys, counts none as a search, and widens them to everything alone', () => {
    const journal = new EvictionJournal()
    const tags: Selector[] = Array.from({ length: 50 }, (_, nth) => ({ kind: 'tag', tag: `t:${nth}` }))
    journal.add([ofKey('a'), ...tags, { kind: 'tags', prefix: 't:' }])
    expect(journal.size).to.equal(52)
    journal.add(Array.from({ length: 21 }, (_, nth) => ({ kind: 'glob', glob: `user:*:${nth}` })))
    expect(journal.list().filter(({ kind }) => kind === 'tag')).to.deep.equal(tags)
    journal.widen([tags[0] as Selector])
    expect(journal.list()).to.deep.include(EVERYTHING)
    const full = new EvictionJournal()
    full.add(Array.from({ length: 10_001 }, (_, nth) => ({ kind: 'tag', tag: `t:${nth}` })))
    expect(full.list()).to.deep.equal([EVERYTHING])
  })

  it('widens what cannot be delivered to its group, and that to everything', () => {
    const journal = new EvictionJournal()
    journal.add([ofKey('user:1'), ofKey('task:1')])
    journal.widen(journal.list().slice(0, 1))
    const group = [ofKey('user'), { kind: 'pattern', pattern: 'user:*' }]
    expect(journal.list()).to.deep.equal([ofKey('task:1'), ...group])
    journal.widen(journal.list().slice(1))
    expect(journal.list()).to.deep.equal([ofKey('task:1'), EVERYTHING])
  })

  it('keeps all pending if it widened again while that was delivered', () => {
    const journal = new EvictionJournal()
    const keys = (name: string) => Array.from({ length: 10_001 }, (_, index) => ofKey(`user:${name}${index}`))
    journal.add(keys('a'))
    const pending = journal.list()
    journal.add(keys('b'))
    journal.remove(pending)
    expect(journal.list()).to.deep.equal([ofKey('user'), { kind: 'pattern', pattern: 'user:*' }])
  })
})
