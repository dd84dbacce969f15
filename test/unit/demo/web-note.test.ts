import { expect } from 'chai'
import { type AfterWrite, afterWrite, withAnswer } from '#demo/web/page/after-write.js'
import { type Note, noteOf } from '#demo/web/page/note.js'

describe('noteOf', () => {
  const cases: [headers: Record<string, string>, note: Omit<Note, 'ms'>][] = [
    [{}, { outcome: null, ttlSeconds: null, detail: null }],
    [
      { 'x-cache': 'HIT', 'cache-status': 'express-cacheable;hit;ttl=119' },
      { outcome: 'HIT', ttlSeconds: 119, detail: null },
    ],
    [
      { 'x-cache': 'MISS', 'cache-status': 'express-cacheable;fwd=miss;stored' },
      { outcome: 'MISS', ttlSeconds: null, detail: null },
    ],
    [
      { 'x-cache': 'BYPASS', 'cache-status': 'express-cacheable;fwd=bypass;detail="store down"' },
      { outcome: 'BYPASS', ttlSeconds: null, detail: 'store down' },
    ],
    [
      { 'x-cache': 'BYPASS', 'cache-status': 'express-cacheable;fwd=bypass;detail=condition' },
      { outcome: 'BYPASS', ttlSeconds: null, detail: 'condition' },
    ],
    [
      { 'x-cache': '<b>', 'cache-status': 'other;hit' },
      { outcome: null, ttlSeconds: null, detail: null },
    ],
  ]
  for (const [headers, note] of cases) {
    it(`reads ${JSON.stringify(headers)}`, () => {
      expect(noteOf(new Headers(headers), 7)).to.deep.equal({ ...note, ms: 7 })
    })
  }
})

describe('withAnswer', () => {
  const note = (outcome: Note['outcome']): Note => ({ outcome, ms: 1, ttlSeconds: null, detail: null })
  const lists = ({ misses, hits, others }: AfterWrite) => [misses, hits, others]

  it('says of each panel what its first answer after the write was', () => {
    let after = afterWrite(3, 'Done.')
    after = withAnswer(after, 'Customers', note('MISS'))
    after = withAnswer(after, 'Tasks', note('HIT'))
    after = withAnswer(after, 'Reports', note('BYPASS'))
    after = withAnswer(after, 'Customers', note('HIT'))
    expect(lists(after)).to.deep.equal([['Customers'], ['Tasks'], ['Reports']])
    expect([after.round, after.done]).to.deep.equal([3, 'Done.'])
  })
})
