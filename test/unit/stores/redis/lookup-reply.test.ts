import { expect } from 'chai'
import { decodeLookups } from '#src/stores/redis/lookup-reply.js'

const bytes = (text: string) => Buffer.from(text)

describe('decodeLookups', () => {
  it('reads an answer of each kind, in the order of the keys', () => {
    const raw = [
      ...[bytes('Ada'), 500],
      ...[null, 0],
      ...[[bytes('lease'), bytes('token 1'), null] as const, 0],
      ...[[bytes('busy'), bytes('token 2'), bytes('old')] as const, 20],
      ...[[bytes('full')] as const, 0],
      ...[[bytes('refused'), bytes('OOM')] as const, 0],
    ]
    expect(decodeLookups(raw)).to.deep.equal([
      { kind: 'hit', value: bytes('Ada'), remainingMs: 500 },
      { kind: 'none' },
      { kind: 'lease', lease: 'token 1', stale: null },
      { kind: 'busy', lease: 'token 2', stale: { value: bytes('old'), remainingMs: 20 } },
      { kind: 'full' },
      { kind: 'refused', reason: 'OOM' },
    ])
  })

  it('takes an empty value for a hit', () => {
    expect(decodeLookups([bytes(''), 1])).to.deep.equal([{ kind: 'hit', value: bytes(''), remainingMs: 1 }])
  })
})
