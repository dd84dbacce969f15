import { expect } from 'chai'
import { SentBodies } from '#src/http/sent-bodies.js'

describe('SentBodies', () => {
  const bytesOf = (sent: Buffer | string) => (typeof sent === 'string' ? Buffer.from(sent, 'latin1') : sent)
  const anyBytes = (length: number) => Buffer.from(Array.from({ length }, (_, nth) => (nth * 7) % 256))

  for (const [length, kind] of [
    [0, 'string'],
    [6_000, 'string'],
    [6_001, 'uint8array'],
  ] as const) {
    it(`gives ${length} bytes as they are, each time`, () => {
      const bodies = new SentBodies()
      const body = anyBytes(length)
      for (let turn = 0; turn < 3; turn++) {
        const sent = bodies.of(body)
        expect(sent).to.be.a(kind)
        expect(bytesOf(sent).equals(body)).to.equal(true)
      }
    })
  }

  it('gives equal lengths their own bytes, and forgets all that it is told to', () => {
    const bodies = new SentBodies()
    const [one, other] = [anyBytes(4_000), anyBytes(4_001).subarray(1)]
    for (const body of [one, other, one, other]) bodies.of(body)
    expect(bytesOf(bodies.of(one)).equals(one)).to.equal(true)
    expect(bytesOf(bodies.of(other)).equals(other)).to.equal(true)
    bodies.clear()
    const made: string[] = []
    one.toString = () => made[made.push('anew') - 1] as string
    expect(bodies.of(one)).to.equal('anew')
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
    const sent = Array.from({ length: 500 }, () => anyBytes(6_000))
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
    // 4,194,304 of 12,200 bytes each are 343; the first has taken the place of another.
    for (const body of sent.slice(-342)) bodies.of(body)
    expect(made).to.deep.equal([0])
  })
})
