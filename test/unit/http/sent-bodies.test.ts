import { expect } from 'chai'
import { SentBodies } from '#src/http/sent-bodies.js'

describe('SentBodies', () => {
  const bytesOf = (sent: Buffer | string) => (typeof sent === 'string' ? Buffer.from(sent, 'latin1') : sent)
  const anyBytes = (length: number) => Buffer.from(Array.from({ length }, (_, nth) => (nth * 7) % 256))

  for (const [length, kinds] of [
    [0, ['string', 'string', 'string']],
    [4_096, ['string', 'string', 'string']],
    [4_097, ['object', 'string', 'string']],
    [16_384, ['object', 'string', 'string']],
    [16_385, ['object', 'object', 'object']],
  ] as const) {
    it(`gives ${length} bytes as they are, each time`, () => {
      const bodies = new SentBodies()
      const body = anyBytes(length)
      const sent = kinds.map(() => bodies.of(body))
      expect(sent.map((one) => typeof one)).to.deep.equal(kinds)
      for (const one of sent) expect(bytesOf(one).equals(body)).to.equal(true)
    })
  }

  it('gives equal lengths their own bytes, and forgets all that it is told to', () => {
    const bodies = new SentBodies()
    const [one, other] = [anyBytes(8_000), anyBytes(8_001).subarray(1)]
    for (const body of [one, other, one, other]) bodies.of(body)
    expect(bytesOf(bodies.of(one)).equals(one)).to.equal(true)
    expect(bytesOf(bodies.of(other)).equals(other)).to.equal(true)
    bodies.clear()
    expect(bodies.of(one)).to.equal(one)
  })

  it('remembers nothing of what is sent once, whatever its length', () => {
    const bodies = new SentBodies()
    const again = anyBytes(600)
    for (let turn = 0; turn < 2; turn++) bodies.of(again)
    for (let nth = 0; nth < 10_000; nth++) bodies.of(Buffer.alloc(600))
    again.toString = () => expect.fail('made anew')
    expect(bytesOf(bodies.of(again)).equals(again)).to.equal(true)
  })

  it('remembers texts of 4 MiB with their bytes, and forgets first what it remembered first', () => {
    const bodies = new SentBodies()
    const sent = Array.from({ length: 200 }, () => anyBytes(16_000))
    for (const body of [...sent, ...sent]) bodies.of(body)
    const made: number[] = []
    for (const [nth, body] of sent.entries()) {
      body.toString = (...args: Parameters<Buffer['toString']>) => {
        made.push(nth)
        return Buffer.prototype.toString.apply(body, args)
      }
    }
    const [first, last] = [sent[0] as Buffer, sent.at(-1) as Buffer]
    bodies.of(last)
    expect(made).to.deep.equal([])
    bodies.of(first)
    expect(made).to.deep.equal([0])
    // 4,194,304 of 32,200 bytes each are 130; the first has taken the place of another.
    for (const body of sent.slice(-129)) bodies.of(body)
    expect(made).to.deep.equal([0])
  })
})
