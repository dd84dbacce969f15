import { expect } from 'chai'
import { markJson } from '#src/http/mark.js'

describe('markJson', () => {
  const mark = (text: string) => markJson(Buffer.from(text), 'cached', true).toString()

  it('adds the field at the end of an object, however it is spaced', () => {
    expect(mark('{"a":{"b":1}}')).to.equal('{"a":{"b":1},"cached":true}')
    expect(JSON.parse(mark('{\n  "a": 1\n}\n'))).to.deep.equal({ a: 1, cached: true })
    expect(mark('{}')).to.equal('{"cached":true}')
    expect(mark('{ }')).to.equal('{ "cached":true}')
  })

  it('leaves alone what is no object', () => {
    for (const text of ['[{}]', '"{}"', '1', '', 'null']) expect(mark(text)).to.equal(text)
  })
})
