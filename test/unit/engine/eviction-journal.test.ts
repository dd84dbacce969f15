import { expect } from 'chai'
import { EvictionJournal } from '#src/engine/eviction-journal.js'
import type { Selector } from '#src/stores/store.js'

const ofKey = (key: string | number): Selector => ({ kind: 'key', key: String(key) })
const EVERYTHING = { kind: 'glob', glob: '*' }

describe('EvictionJournal', () => {
  it('keeps each eviction once, in order, until it is delivered', () => {
    const journal = new EvictionJournal()
    expect(journal.isEmpty).to.equal(true)
    journal.keep([ofKey('a'), { kind: 'pattern', pattern: 'a' }])
    journal.keep([{ kind: 'glob', glob: 'a' }, ofKey('a')])
    const owed = journal.list()
    expect(owed).to.deep.equal([
      { kind: 'key', key: 'a' },
      { kind: 'pattern', pattern: 'a' },
      { kind: 'glob', glob: 'a' },
    ])
    expect(journal.isEmpty).to.equal(false)
    journal.settle(owed)
    expect(journal.isEmpty).to.equal(true)
  })

  it('keeps what came while others were delivered, even if it says the same', () => {
    const journal = new EvictionJournal()
    journal.keep([ofKey('a'), ofKey('b')])
    const owed = journal.list()
    journal.keep([ofKey('b'), ofKey('c')])
    journal.settle(owed)
    expect(journal.list()).to.deep.equal([ofKey('b'), ofKey('c')])
  })

  it('widens to all keys of their kinds beyond 10,000, and drops none before', () => {
    const journal = new EvictionJournal()
    const keys = Array.from({ length: 9_999 }, (_, index) => ofKey(`user:${index}`))
    journal.keep([...keys, { kind: 'pattern', pattern: 'customers:list:*' }])
    expect(journal.size).to.equal(10_000)
    journal.keep([ofKey('user:one-more')])
    expect(journal.list()).to.deep.equal([
      ofKey('user'),
      { kind: 'pattern', pattern: 'user:*' },
      ofKey('customers'),
      { kind: 'pattern', pattern: 'customers:*' },
    ])
  })

  it('widens to everything when there are too many kinds, or one of what is owed may be of any', () => {
    const ofManyKinds = new EvictionJournal()
    ofManyKinds.keep(Array.from({ length: 10_001 }, (_, index) => ofKey(index)))
    expect(ofManyKinds.list()).to.deep.equal([EVERYTHING])

    const ofAnyKind = new EvictionJournal()
    const keys = Array.from({ length: 10_000 }, (_, index) => ofKey(`user:${index}`))
    ofAnyKind.keep([...keys, { kind: 'pattern', pattern: '*:1' }])
    expect(ofAnyKind.list()).to.deep.equal([EVERYTHING])
  })

  it('still owes all if it widened again while that was delivered', () => {
    const journal = new EvictionJournal()
    const keys = (name: string) => Array.from({ length: 10_001 }, (_, index) => ofKey(`user:${name}${index}`))
    journal.keep(keys('a'))
    const owed = journal.list()
    journal.keep(keys('b'))
    journal.settle(owed)
    expect(journal.list()).to.deep.equal([ofKey('user'), { kind: 'pattern', pattern: 'user:*' }])
  })
})
