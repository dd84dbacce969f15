import { brotliCompressSync } from 'node:zlib'
import { expect } from 'chai'
import type { Frame } from '#src/express/front/frames.js'
import type { LearnedUrl } from '#src/express/front/learned-urls.js'
import { PreparedAnswers } from '#src/express/front/prepared-answer.js'
import type { Representation } from '#src/http/representation.js'
import { cacheableRule } from '../../rules/rules-for-tests.js'

const frameOf = (headers: Frame['headers']): Frame => ({ headers, isForgotten: false })

const LEARNED: LearnedUrl = {
  rule: { ...cacheableRule('item:{id}'), ttlMs: 60_000 },
  key: 'item:1',
  frame: frameOf({ 'x-powered-by': 'Express', 'content-type': 'text/html', link: ['a', 'b'] }),
  ahead: { headers: {}, isForgotten: false },
  makeTag: () => '"1"',
}

describe('PreparedAnswers', () => {
  let stored: Representation
  let prepared: PreparedAnswers
  beforeEach(() => {
    prepared = new PreparedAnswers()
    stored = { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('ü') }
  })

  it("puts the stored answer's head over the middleware's headers, and says what the cache did", () => {
    const { head, body } = prepared.prepare(LEARNED, stored, 50_900)
    expect(head).to.deep.equal({
      'x-powered-by': 'Express',
      'content-type': 'text/plain',
      link: ['a', 'b'],
      ETag: '"1"',
      Age: '9',
      'Content-Length': '2',
      'X-Cache': 'HIT',
      'Cache-Status': 'express-cacheable;hit;ttl=50',
    })
    expect(Buffer.from(body as string, 'latin1').toString()).to.equal('ü')
  })

  it('lists names and values as Node writes them, several values of one name together', () => {
    const { fields } = prepared.prepare(LEARNED, stored, 50_900)
    expect(fields.slice(0, 6)).to.deep.equal([
      ...['x-powered-by', 'Express', 'content-type', 'text/plain', 'link'],
      ['a', 'b'],
    ])
  })

  it('prepares once for all that ask within a second', () => {
    const first = prepared.prepare(LEARNED, stored, 50_400)
    expect(prepared.prepare(LEARNED, stored, 50_001)).to.equal(first)
    expect(prepared.prepare(LEARNED, stored, 49_999)).not.to.equal(first)
  })

  it('prepares anew where the URL has been learned anew', () => {
    const first = prepared.prepare(LEARNED, stored, 50_400)
    const learned = { ...LEARNED, frame: frameOf({ 'x-powered-by': 'another' }) }
    expect(prepared.prepare(learned, stored, 50_400)).not.to.equal(first)
  })

  it('says of a compressed body that it is one', () => {
    const etag = '"1"'
    const compressed: Representation = {
      ...{ ...stored, headers: { ...stored.headers, etag } },
      ...{ body: brotliCompressSync('text'), encoding: 'br' },
    }
    const { head } = prepared.prepare(LEARNED, compressed, 50_400)
    expect([head['Content-Encoding'], head.ETag]).to.deep.equal(['br', 'W/"1"'])
  })

  it('keeps a large body as bytes', () => {
    const bodyOf = (bytes: number) => {
      const body = Buffer.alloc(bytes, 'x')
      return [body, prepared.prepare(LEARNED, { ...stored, body }, 50_400).body] as const
    }
    const [large, asKept] = bodyOf(6_001)
    expect(asKept).to.equal(large)
    expect(bodyOf(6_000)[1]).to.equal('x'.repeat(6_000))
  })
})
