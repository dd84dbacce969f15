import { expect } from 'chai'
import type { Representation } from '#src/http/representation.js'
import { headOf, headOfUnmodified } from '#src/http/response-head.js'

function stored(headers: Representation['headers'], encoding?: 'br'): Representation {
  return { status: 200, headers, body: Buffer.from('{}'), encoding }
}

const PLAIN = { isEncoded: false, bodyBytes: 2, etag: undefined }

describe('headOf', () => {
  it('says what was stored, and what is made anew for each client', () => {
    const answer = stored({ 'content-type': 'text/plain', link: ['a', 'b'] })
    expect(headOf(answer, { ...PLAIN, etag: '"1"', age: 7 })).to.deep.equal({
      'content-type': 'text/plain',
      link: ['a', 'b'],
      ETag: '"1"',
      Age: '7',
      'Content-Length': '2',
    })
  })

  it('says nothing of an ETag or an age where there is none', () => {
    expect(headOf(stored({}), PLAIN)).to.deep.equal({ 'Content-Length': '2' })
  })

  it('keeps the age that the handler said, unless a newer one is known', () => {
    const answer = stored({ age: '3' })
    expect(headOf(answer, PLAIN)).to.deep.equal({ age: '3', 'Content-Length': '2' })
    expect(headOf(answer, { ...PLAIN, age: 5 })).to.deep.equal({ Age: '5', 'Content-Length': '2' })
  })

  it('says each header once, also where the stored head has one that is made anew', () => {
    const answer = stored({ etag: '"1"', age: '3', 'content-length': '9', 'content-encoding': 'x' }, 'br')
    const head = headOf(answer, { isEncoded: true, bodyBytes: 2, etag: '"1"', age: 5 })
    expect(head).to.deep.equal({ ETag: 'W/"1"', 'Content-Encoding': 'br', Age: '5', 'Content-Length': '2' })
  })

  it('keeps the coding that the handler has put on the body itself', () => {
    const answer = stored({ 'content-encoding': 'gzip' })
    expect(headOf(answer, PLAIN)).to.deep.equal({ 'content-encoding': 'gzip', 'Content-Length': '2' })
  })

  it('weakens the ETag only of a body that is sent compressed', () => {
    const answer = stored({}, 'br')
    expect(headOf(answer, { ...PLAIN, etag: '"1"' })).to.deep.equal({ ETag: '"1"', 'Content-Length': '2' })
  })
})

describe('headOfUnmodified', () => {
  it('says all but the type and the length of a body', () => {
    const head = headOf(stored({ 'content-type': 'text/plain', vary: 'Accept' }), {
      ...PLAIN,
      ...{ etag: '"1"', age: 7 },
    })
    expect(headOfUnmodified(head)).to.deep.equal({ vary: 'Accept', ETag: '"1"', Age: '7' })
  })
})
