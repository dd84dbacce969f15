import { expect } from 'chai'
import { Frames } from '#src/express/front/frames.js'

describe('Frames', () => {
  it('keeps equal headers once, and tells others apart', () => {
    const frames = new Frames()
    const frame = frames.of({ 'x-powered-by': 'Express' })
    expect(frame?.headers).to.deep.equal({ 'x-powered-by': 'Express' })
    expect(frames.of({ 'x-powered-by': 'Express' })).to.equal(frame)
    expect(frames.of({ 'x-powered-by': 'another' })).not.to.equal(frame)
  })

  it('forgets what was used least recently where there is no more room, and lets go of its headers', () => {
    const frames = new Frames()
    const first = frames.of({ policy: 'first' })
    let last = first
    for (let nth = 0; nth < 300; nth++) last = frames.of({ policy: String(nth).padEnd(6_000) })
    expect([first?.isForgotten, first?.headers]).to.deep.equal([true, {}])
    expect(last?.isForgotten).to.equal(false)
  })

  it('has none for headers that are larger than its room', () => {
    expect(new Frames().of({ policy: 'x'.repeat(1_000_000) })).to.equal(undefined)
  })
})
