import { expect } from 'chai'
import fc from 'fast-check'
import { decodeMessage, encodeMessage } from '#src/http/stored-message.js'

const TYPE = 'content-type: text/plain'
const message = (head: string) => Buffer.from(`${head}\r\n\r\ntext`, 'latin1')
const said = (...fields: string[]) => message(['HTTP/1.1 200', ...fields].join('\r\n'))

describe('a stored message', () => {
  it('says beside its status how its body is kept, where no header can', () => {
    const answer = { status: 200, headers: { 'content-type': 'text/plain' }, body: Buffer.from('text') }
    expect(encodeMessage(answer).toString()).to.equal(`HTTP/1.1 200\r\n${TYPE}\r\n\r\ntext`)
    expect(encodeMessage({ ...answer, encoding: 'br' }).toString()).to.equal(
      `HTTP/1.1 200 br\r\n${TYPE}\r\n\r\ntext`,
    )
  })

  it('comes back with every header that Node sends, and several of one name', () => {
    const headers = { 'x-a': '', 'x-b': ' \t\xe4\xff ', constructor: 'x', link: ['a', 'b', 'c'] }
    for (const encoding of ['br', undefined] as const) {
      const answer = { status: 404, headers, body: Buffer.from([0, 255]), encoding }
      expect({ encoding: undefined, ...decodeMessage(encodeMessage(answer)) }).to.deep.equal(answer)
    }
  })

  it('notes what the route took away and what it built on, where no header can', () => {
    const answer = {
      ...{ status: 200, headers: { 'x-a': 'b; c' }, body: Buffer.from('text') },
      ...{ removedHeaders: ['x-powered-by', 'link'], builtOn: { 'x-a': 'b', constructor: ' \xe4' } },
    }
    expect(encodeMessage(answer).toString('latin1')).to.equal(
      'HTTP/1.1 200\r\nx-a: b; c\r\n:removed x-powered-by: \r\n:removed link: \r\n:built-on x-a: b\r\n:built-on constructor:  \xe4\r\n\r\ntext',
    )
    expect(decodeMessage(encodeMessage(answer))).to.deep.equal(answer)
  })

  for (const [what, bytes] of [
    ['a note of another kind', said(':added x-a: b')],
    ['a note on no header', said(':removed : ')],
    ['a note without a value', said(':removed x-a')],
    ['a note on __proto__', said(':built-on __proto__: b')],
    ['another version', message('HTTP/1.0 200')],
    ['a phrase', message('HTTP/1.1 200 OK')],
    ['another encoding', message('HTTP/1.1 200 gzip')],
    ['two spaces', message('HTTP/1.1  200')],
    ['a status before the final one', message('HTTP/1.1 103')],
    ['a status that there is not', message('HTTP/1.1 600')],
    ['304', message('HTTP/1.1 304')],
    ['a name of no character', said(': x')],
    ['a name in capitals', said('X-A: x')],
    ['a name with a space', said('x a: x')],
    ['no space before the value', said('x-a:x')],
    ['a line feed', said('x-a: x\ny')],
    ['a zero byte', said('x-a: \0')],
    ['a byte of deletion', said('x-a: \x7f')],
    ['__proto__', said('__proto__: x')],
    ['a cookie', said('set-cookie: a=b')],
    ['a length', said('content-length: 4')],
    ['a transfer coding', said('transfer-encoding: chunked')],
    ['the origin of one client', said('access-control-allow-origin: https://a.example')],
    ['no-store', said('cache-control: no-store')],
    ['Vary: *', said('vary: *')],
    ['a part', said('content-range: bytes 0-1/2')],
    ['what earlier versions said of a body', said('encoding-at-rest: br')],
  ] as const) {
    it(`is none with ${what}`, () => {
      expect(decodeMessage(bytes)).to.equal(null)
    })
  }

  it('is none, or just what would be written anew', () => {
    const piece = fc.constantFrom(
      'HTTP/1.1 ',
      '200',
      ' br',
      ' ',
      '\r\n',
      '\r\n\r\n',
      'x-a: b',
      ':',
      'age: 7',
      ':removed x-a: ',
      ':built-on x-b: c',
    )
    const bytes = fc.array(fc.oneof({ weight: 9, arbitrary: piece }, fc.string({ maxLength: 3 })))
    fc.assert(
      fc.property(bytes, (pieces) => {
        const given = Buffer.from(`HTTP/1.1 200${pieces.join('')}`, 'latin1')
        const answer = decodeMessage(given)
        if (answer) expect(encodeMessage(answer).equals(given)).to.equal(true)
      }),
      { numRuns: 2_000 },
    )
  })
})
