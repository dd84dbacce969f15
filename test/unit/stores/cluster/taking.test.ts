import { expect } from 'chai'
import { decodeTaking } from '#src/stores/cluster/taking.js'

const bytes = (text: string) => Buffer.from(text)

describe('decodeTaking', () => {
  it('reads a fresh value', () => {
    expect(decodeTaking([bytes('value'), bytes('Ada'), 500])).to.deep.equal({
      kind: 'value',
      stored: { value: bytes('Ada'), remainingMs: 500 },
    })
  })

  it('reads a lease, with a stale value and without one', () => {
    expect(decodeTaking([bytes('lease'), bytes('token'), bytes('old'), 20])).to.deep.equal({
      kind: 'lease',
      stored: { value: bytes('old'), remainingMs: 20 },
    })
    expect(decodeTaking([bytes('lease'), bytes('token'), null, 0])).to.deep.equal({
      kind: 'lease',
      stored: null,
    })
  })

  it('reads the type of what is not the cache’s', () => {
    expect(decodeTaking([bytes('foreign'), bytes('hash')])).to.deep.equal({ kind: 'foreign', type: 'hash' })
  })

  it('reads whose lease stands, and whether it is pending', () => {
    expect(decodeTaking([bytes('busy'), bytes('token'), 1, null, 0])).to.deep.equal({
      kind: 'busy',
      holder: 'token',
      isPending: true,
      stored: null,
    })
    expect(decodeTaking([bytes('busy'), bytes('token'), 0, bytes('old'), 20])).to.deep.equal({
      kind: 'busy',
      holder: 'token',
      isPending: false,
      stored: { value: bytes('old'), remainingMs: 20 },
    })
  })
})
