import { expect } from 'chai'
import type { KeySelector } from '#src/stores/store.js'
import { ProcessTier } from '#src/stores/tiered/process-tier.js'

const MAX_AGE_MS = 1_000

describe('ProcessTier', () => {
  let now: number
  let tier: ProcessTier
  beforeEach(() => {
    now = 5_000
    tier = new ProcessTier({ maxBytes: 10_000, maxAgeMs: MAX_AGE_MS, now: () => now })
  })

  const value = (text: string) => Buffer.from(text)
  const put = (key: string, { remainingMs = 60_000, askedIn = tier.generation } = {}) =>
    tier.put(key, { value: value(key), remainingMs }, askedIn)
  const held = (key: string) => tier.get(key, 0)?.value.toString() ?? null

  it('gives a copy with what it has left to live, by the time at which it is asked', () => {
    put('user:1', { remainingMs: 10_000 })
    now += 900
    expect(tier.get('user:1', 0)).to.deep.equal({ value: value('user:1'), remainingMs: 9_100 })
  })

  it('gives none that is older than it may be, though it would live on', () => {
    put('user:1')
    now += MAX_AGE_MS - 1
    expect(held('user:1')).to.equal('user:1')
    now += 1
    expect(held('user:1')).to.equal(null)
  })

  it('gives none that is in its grace period', () => {
    put('user:1', { remainingMs: 500 })
    now += 100
    expect(tier.get('user:1', 399)).to.include({ remainingMs: 400 })
    expect(tier.get('user:1', 400)).to.equal(null)
  })

  const evictions: [selector: KeySelector, left: readonly string[]][] = [
    [{ kind: 'key', key: 'user:1' }, ['user:2', 'users']],
    [{ kind: 'pattern', pattern: 'user:*' }, ['users']],
    [{ kind: 'glob', glob: 'user*' }, []],
  ]
  for (const [selector, left] of evictions) {
    it(`drops what ${JSON.stringify(selector)} covers, variants included`, () => {
      const keys = ['user:1', 'user:1#accept=json', 'user:2', 'users']
      for (const key of keys) put(key)
      tier.evict([selector])
      expect(keys.filter((key) => held(key) !== null)).to.deep.equal(left)
    })
  }

  it('takes no copy that was asked for before an eviction of its group, whichever comes first', () => {
    const askedIn = tier.generation
    tier.evict([{ kind: 'key', key: 'user:2' }])
    put('user:1', { askedIn })
    put('task:1', { askedIn })
    expect([held('user:1'), held('task:1')]).to.deep.equal([null, 'task:1'])
    put('user:1')
    expect(held('user:1')).to.equal('user:1')
  })

  for (const selector of [
    { kind: 'glob', glob: '*' },
    { kind: 'pattern', pattern: '*:1' },
  ] as const) {
    it(`takes ${JSON.stringify(selector)} for an eviction of every group`, () => {
      const askedIn = tier.generation
      tier.evict([selector])
      put('user:1', { askedIn })
      expect(held('user:1')).to.equal(null)
    })
  }

  it('remembers evictions of any number of groups, at worst as one of all', () => {
    const askedIn = tier.generation
    for (let group = 0; group < 2_500; group++) tier.evict([{ kind: 'key', key: `group${group}:1` }])
    for (let group = 0; group < 2_500; group++) put(`group${group}:1`, { askedIn })
    expect(tier.bytes).to.equal(0)
  })

  for (const [kind, text] of [
    ['glob', 'none*'],
    ['pattern', 'none:*:none'],
  ] as const) {
    it(`drops all rather than look through them for very many of ${kind}`, () => {
      put('user:1')
      const selectors = (count: number) =>
        Array.from({ length: count }, () => ({ kind, [kind]: text }) as unknown as KeySelector)
      tier.evict(selectors(200_000))
      expect(held('user:1')).to.equal(null)
      put('user:1')
      tier.evict(selectors(100))
      expect(held('user:1')).to.equal('user:1')
    })
  }

  it('takes nothing that was asked for before it was cleared', () => {
    put('user:1')
    const askedIn = tier.generation
    tier.clear()
    put('user:2', { askedIn })
    expect([held('user:1'), held('user:2')]).to.deep.equal([null, null])
  })

  it('keeps nothing of the memory around a value but the value', () => {
    const read = Buffer.alloc(64 * 1024, 'x')
    tier.put('user:1', { value: read.subarray(100, 300), remainingMs: 60_000 }, tier.generation)
    const kept = tier.get('user:1', 0)?.value
    expect(kept?.equals(read.subarray(100, 300))).to.equal(true)
    expect(kept?.buffer.byteLength).to.equal(200)
  })

  it('keeps to its size, and lets go of what nobody asked for again, however many come', () => {
    tier = new ProcessTier({ maxBytes: 4_000, maxAgeMs: MAX_AGE_MS, now: () => now })
    put('user:1')
    held('user:1')
    for (let id = 2; id < 10; id++) put(`user:${id}`)
    expect(held('user:1')).to.equal('user:1')
    expect(held('user:2')).to.equal(null)
    expect(tier.bytes).to.be.at.most(4_000)
    tier.put('large', { value: Buffer.alloc(4_001), remainingMs: 1_000 }, tier.generation)
    expect(held('large')).to.equal(null)
  })

  it('lets go of what has become too old first, and keeps the place of what is copied again', () => {
    tier = new ProcessTier({ maxBytes: 4_000, maxAgeMs: MAX_AGE_MS, now: () => now })
    for (const key of ['old:1', 'user:1']) {
      put(key)
      held(key)
    }
    now += MAX_AGE_MS
    held('user:1')
    put('user:1')
    for (let id = 2; id < 10; id++) put(`user:${id}`)
    expect(held('user:1')).to.equal('user:1')
    now = 5_000
    expect(held('old:1')).to.equal(null)
  })
})
