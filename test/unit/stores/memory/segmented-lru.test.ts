import { expect } from 'chai'
import { type Departure, SegmentedLru } from '#src/stores/memory/segmented-lru.js'

interface Entry {
  readonly bytes: number
  isOver?: boolean
}

describe('SegmentedLru', () => {
  let entries: SegmentedLru<Entry>
  let gone: string[]
  beforeEach(() => {
    gone = []
    entries = new SegmentedLru<Entry>({
      maxBytes: 100,
      bytesOf: ({ bytes }) => bytes,
      isOver: ({ isOver = false }) => isOver,
      onGone: (_entry, key, why: Departure) => gone.push(`${key} ${why}`),
    })
  })

  const set = (key: string, bytes = 10) => entries.set(key, { bytes })

  it('keeps what was asked for again while others come and go', () => {
    set('used')
    entries.get('used')
    for (let number = 0; number < 50; number++) set(`scanned:${number}`)
    expect(entries.has('used')).to.equal(true)
    expect(entries.bytes).to.equal(100)
    expect(gone).to.have.length(41)
    expect(gone[0]).to.equal('scanned:0 evict')
  })

  it('lets go of what was used least recently, among the protected too', () => {
    for (const key of ['a', 'b', 'c']) {
      set(key, 30)
      entries.get(key)
    }
    // There is room for two of them with the protected.
    set('d', 30)
    expect(['a', 'b', 'c', 'd'].filter((key) => entries.has(key))).to.deep.equal(['b', 'c', 'd'])
    set('large', 100)
    expect(entries.size).to.equal(1)
    expect(entries.bytes).to.equal(100)
  })

  it('does not count a look as a use', () => {
    set('a')
    entries.peek('a')
    set('large', 95)
    expect(entries.has('a')).to.equal(false)
  })

  it('makes room by what is over first, protected or not', () => {
    const old: Entry = { bytes: 40 }
    entries.set('old', old)
    entries.get('old')
    set('a', 60)
    old.isOver = true
    set('b', 40)
    expect(gone).to.deep.equal(['old evict'])
  })

  it('keeps the place of what is set anew', () => {
    set('a')
    entries.get('a')
    set('a', 20)
    set('large', 80)
    set('large too', 80)
    expect(entries.has('a')).to.equal(true)
    expect(gone).to.deep.equal(['a set', 'large evict'])
  })

  it('takes nothing that is larger than all of it, and protects nothing that is larger than that share', () => {
    set('a')
    expect(set('a', 101)).to.equal(false)
    expect(entries.size).to.equal(0)
    set('large', 90)
    entries.get('large')
    expect(entries.get('large')).to.deep.equal({ bytes: 90 })
    set('b', 20)
    expect(entries.has('large')).to.equal(false)
  })

  it('tells of what it was asked to delete, once, and of nothing when it is cleared', () => {
    set('a')
    entries.get('a')
    entries.delete('a')
    entries.delete('a')
    set('b')
    entries.clear()
    expect(gone).to.deep.equal(['a delete'])
    expect(entries.bytes).to.equal(0)
  })
})
