import { expect } from 'chai'
import { selectorText } from '#src/engine/selector-text.js'

describe('selectorText', () => {
  it('is what the selector was written as', () => {
    expect(selectorText({ kind: 'key', key: 'user:1' })).to.equal('user:1')
    expect(selectorText({ kind: 'pattern', pattern: 'user:*' })).to.equal('user:*')
    expect(selectorText({ kind: 'glob', glob: 'us*' })).to.equal('us*')
  })
})
