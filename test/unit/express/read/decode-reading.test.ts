import { expect } from 'chai'
import type { Reading } from '#src/engine/engine.js'
import type { Load } from '#src/engine/load.js'
import { decodeReading, mustBeFresh } from '#src/express/read/decode-reading.js'
import { RecentAnswers } from '#src/http/recent-answers.js'
import { JSON_TYPE } from '#src/http/representation.js'

const LOAD: Load = { complete: async () => 'stored', finishUnshareable() {}, cancel() {} }
const VALUE = Buffer.from('{"a":1}')
const UNREADABLE = Buffer.from('neither')
const ANSWER = { status: 200, headers: { 'content-type': JSON_TYPE }, body: VALUE }

const decode = (reading: Reading) => decodeReading(new RecentAnswers(), 'item:1', reading)

describe('decodeReading', () => {
  for (const kind of ['hit', 'stale'] as const) {
    it(`decodes the value of a ${kind}, and keeps how long it lives`, () => {
      expect(decode({ kind, value: VALUE, remainingMs: 7 })).to.deep.equal({
        ...{ kind, answer: ANSWER, remainingMs: 7 },
      })
      expect(decode({ kind, value: UNREADABLE, remainingMs: 7 })).to.equal(null)
    })
  }

  it('decodes what another request has loaded', () => {
    expect(decode({ kind: 'loaded', value: VALUE })).to.deep.equal({ kind: 'loaded', answer: ANSWER })
    expect(decode({ kind: 'loaded', value: UNREADABLE })).to.equal(null)
  })

  it('decodes the stale value beside a load, if there is one', () => {
    const stale = { value: VALUE, remainingMs: 7 }
    expect(decode({ kind: 'load', load: LOAD, stale })).to.deep.equal({
      ...{ kind: 'load', load: LOAD, stale: { answer: ANSWER, remainingMs: 7 } },
    })
    expect(decode({ kind: 'load', load: LOAD, stale: null })).to.deep.equal({
      ...{ kind: 'load', load: LOAD, stale: null },
    })
    expect(decode({ kind: 'load', load: LOAD, stale: { ...stale, value: UNREADABLE } })).to.equal(null)
  })

  it('has nothing to decode where the store is passed by', () => {
    const reading = { kind: 'pass-through', reason: 'store unavailable' } as const
    expect(decode(reading)).to.equal(reading)
  })
})

describe('mustBeFresh', () => {
  it('goes by what the stored answer says of itself', () => {
    const saying = (field: string) => ({ ...ANSWER, headers: { 'cache-control': field } })
    expect(mustBeFresh(ANSWER)).to.equal(false)
    expect(mustBeFresh(saying('max-age=5'))).to.equal(false)
    expect(mustBeFresh(saying('max-age=5, must-revalidate'))).to.equal(true)
  })
})
