import { expect } from 'chai'
import { replayableHeaders } from '#src/http/replayable-headers.js'

describe('replayableHeaders', () => {
  it('keeps what the route set, and nothing that was there before it', () => {
    const before = { 'x-powered-by': 'Express', vary: 'Origin', 'x-request-id': '1' }
    const now = {
      ...before,
      vary: 'Origin, Accept',
      'content-type': 'text/plain',
      link: ['a', 'b'],
      'x-total': 7,
    }
    expect(replayableHeaders(now, before)).to.deep.equal({
      vary: 'Origin, Accept',
      'content-type': 'text/plain',
      link: ['a', 'b'],
      'x-total': '7',
    })
  })

  it('keeps nothing that belongs to one response or connection', () => {
    const own = [
      'date',
      'proxy-authorization',
      'connection',
      'transfer-encoding',
      'content-length',
      'set-cookie',
      'cache-status',
      'x-cache',
    ]
    expect(replayableHeaders(Object.fromEntries(own.map((name) => [name, 'x'])), {})).to.deep.equal({})
  })
})
