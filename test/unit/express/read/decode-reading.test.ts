import { brotliCompressSync } from 'node:zlib'
import { expect } from 'chai'
import type { Reading } from '#src/engine/engine.js'
import type { Load } from '#src/engine/load.js'
import type { CacheRequest } from '#src/express/read/cache-request.js'
import { decodeReading, mustBeFresh } from '#src/express/read/decode-reading.js'
import { RecentAnswers } from '#src/http/recent-answers.js'
import { JSON_TYPE } from '#src/http/representation.js'
import { encodeRepresentation } from '#src/http/stored-bytes.js'
import { cacheableRule } from '../../rules/rules-for-tests.js'

const LOAD: Load = {
  complete: async () => 'stored',
  finishUnshareable() {},
  cancel() {},
  run: (handler) => handler(),
}
const VALUE = Buffer.from('{"a":1}')
const UNREADABLE = Buffer.from('neither')
const ANSWER = { status: 200, headers: { 'content-type': JSON_TYPE }, body: VALUE }

const decode = (reading: Reading) => decodeReading(requestFor(), reading)

function requestFor(acceptEncoding?: string): CacheRequest {
  return {
    rule: cacheableRule('item:{id}'),
    key: 'item:1',
    context: { recentAnswers: new RecentAnswers(), maxBodyBytes: 1_000 },
    req: { headers: { 'accept-encoding': acceptEncoding } },
    res: { app: { get: () => undefined } },
  } as unknown as CacheRequest
}

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
    expect(decode({ kind: 'loaded', value: VALUE, tags: [] })).to.deep.equal({
      kind: 'loaded',
      answer: ANSWER,
    })
    expect(decode({ kind: 'loaded', value: UNREADABLE, tags: [] })).to.equal(null)
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

  it('decodes nothing that the rule does not store', () => {
    const value = encodeRepresentation({ ...ANSWER, status: 500 })
    expect(decode({ kind: 'hit', value, remainingMs: 7 })).to.equal(null)
  })

  describe('of what is kept compressed', () => {
    const body = Buffer.from('text'.repeat(200))
    const headers = { 'content-type': 'text/plain' }
    const kept = brotliCompressSync(body)
    const stored = (bytes: Buffer) =>
      encodeRepresentation({ status: 200, headers, body: bytes, encoding: 'br' })
    const answerOf = async (request: CacheRequest, value: Buffer) => {
      const found = await decodeReading(request, { kind: 'hit', value, remainingMs: 7 })
      return found?.kind === 'hit' ? found.answer : found
    }

    it('unpacks it for those who do not take it so', async () => {
      expect(await answerOf(requestFor(), stored(kept))).to.deep.equal({
        ...{ status: 200, headers, body, encoding: undefined },
      })
    })

    it('leaves it to those who do, at once from the second time on', async () => {
      const request = requestFor('br')
      const answer = await answerOf(request, stored(kept))
      expect(answer).to.deep.include({ body: kept, encoding: 'br' })
      const again = decodeReading(request, { kind: 'hit', value: stored(kept), remainingMs: 7 })
      expect(again).to.deep.equal({ kind: 'hit', answer, remainingMs: 7 })
    })

    it('makes a stale one ready to stand in, whatever the client takes', async () => {
      const stale = { value: stored(kept), remainingMs: 7 }
      const found = await decodeReading(requestFor('br'), { kind: 'load', load: LOAD, stale })
      expect(found?.kind === 'load' && found.stale?.answer.body.equals(body)).to.equal(true)
    })

    for (const [what, bytes] of [
      ['is none', Buffer.from('rubbish')],
      ['ends early', kept.subarray(0, -1)],
      ['would be larger than an answer may be', brotliCompressSync(Buffer.alloc(1_001))],
    ] as const) {
      it(`takes for no answer what ${what}, for those who would get it as it is too`, async () => {
        for (const takes of ['br', 'gzip']) {
          expect(await answerOf(requestFor(takes), stored(bytes))).to.equal(null)
        }
      })
    }
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
