import { expect } from 'chai'
import fc from 'fast-check'
import { isJson, JSON_TYPE, parsedJson, type Representation } from '#src/http/representation.js'
import { decodeOnce, decodeRepresentation, encodeRepresentation } from '#src/http/stored-bytes.js'

const plain = (text: string): Representation => ({
  status: 200,
  headers: { 'content-type': JSON_TYPE },
  body: Buffer.from(text),
})

describe('a representation', () => {
  for (const text of ['{}', '[]', '{"a":[1]}', '"text"', '0', '-1.5e3', 'true', 'false', 'null', '""']) {
    it(`is stored as its JSON text alone: ${text}`, () => {
      const stored = encodeRepresentation(plain(text))
      expect(stored.toString()).to.equal(text)
      expect(decodeRepresentation(stored)).to.deep.equal(plain(text))
    })
  }

  it('is stored as an HTTP message where JSON text cannot say it', () => {
    const said: Representation[] = [
      { ...plain('{}'), status: 404 },
      { ...plain('{}'), headers: { 'content-type': JSON_TYPE, 'x-total': '7' } },
      { ...plain('{}'), headers: { 'content-type': 'application/json' } },
      { ...plain('<p>'), headers: { 'content-type': 'text/html' } },
      { status: 200, headers: {}, body: Buffer.alloc(0) },
      plain('not JSON at all'),
      { ...plain('{}'), headers: { link: ['</a>; rel=next', '</b>; rel=last'] } },
    ]
    for (const representation of said) {
      const stored = encodeRepresentation(representation)
      expect(stored.subarray(0, 9).toString()).to.equal('HTTP/1.1 ')
      expect(decodeRepresentation(stored)).to.deep.equal(representation)
    }
  })

  it('comes back whatever its body is', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.constantFrom('text/plain', JSON_TYPE), (bytes, type) => {
        const representation = { status: 200, headers: { 'content-type': type }, body: Buffer.from(bytes) }
        expect(decodeRepresentation(encodeRepresentation(representation))).to.deep.equal(representation)
      }),
    )
  })

  for (const garbage of [
    '',
    ' ',
    '{',
    '{"half":',
    '[1,2',
    '"open',
    'HTTP/1.1 200',
    'HTTP/1.1 abc\r\n\r\n',
    'nul',
    '\x00\x01',
  ]) {
    it(`is none in ${JSON.stringify(garbage)}`, () => {
      expect(decodeRepresentation(Buffer.from(garbage))).to.equal(null)
    })
  }
})

describe('parsedJson', () => {
  it('parses what its type calls JSON', () => {
    expect(parsedJson(JSON_TYPE, Buffer.from('{"a":1}'))).to.deep.equal({ a: 1 })
    expect(parsedJson('application/problem+json', Buffer.from('[1]'))).to.deep.equal([1])
  })

  it('gives nothing for another type, for no body, and for what is no JSON', () => {
    expect(parsedJson('text/plain', Buffer.from('{}'))).to.equal(undefined)
    expect(parsedJson(JSON_TYPE, null)).to.equal(undefined)
    expect(parsedJson(JSON_TYPE, Buffer.from('{'))).to.equal(undefined)
    expect(isJson(undefined)).to.equal(false)
  })
})

describe('decodeOnce', () => {
  it('gives the same answer for the same bytes in the same place, and another for equal ones elsewhere', () => {
    const kept = Buffer.from('{"a":1}')
    const answer = decodeOnce(kept)
    expect(answer).to.deep.equal(plain('{"a":1}'))
    expect(decodeOnce(kept)).to.equal(answer)
    expect(decodeOnce(Buffer.from(kept))).not.to.equal(answer)
  })

  it('gives nothing for what is no answer, however often', () => {
    const kept = Buffer.from('neither')
    expect([decodeOnce(kept), decodeOnce(kept)]).to.deep.equal([null, null])
  })
})
