import { expect } from 'chai'
import type { Response } from 'express'
import { setCacheStatus } from '#src/express/cache-status.js'
import type { CacheOutcome } from '#src/http/cache-status.js'

describe('setCacheStatus', () => {
  function headersOf(outcome: CacheOutcome): Record<string, unknown> {
    const headers: Record<string, unknown> = {}
    const res = { setHeader: (name: string, value: unknown) => Object.assign(headers, { [name]: value }) }
    setCacheStatus(res as unknown as Response, outcome)
    return headers
  }

  it('says what the cache did, as a structured field', () => {
    expect(headersOf({ xCache: 'HIT', ttlSeconds: 7 })).to.deep.equal({
      'X-Cache': 'HIT',
      'Cache-Status': 'express-cacheable;hit;ttl=7',
    })
    expect(headersOf({ xCache: 'STALE', ttlSeconds: -3 })['Cache-Status']).to.equal(
      'express-cacheable;hit;ttl=-3',
    )
    expect(headersOf({ xCache: 'MISS', stored: true })['Cache-Status']).to.equal(
      'express-cacheable;fwd=miss;stored',
    )
    expect(headersOf({ xCache: 'MISS', collapsed: true })['Cache-Status']).to.equal(
      'express-cacheable;fwd=miss;collapsed',
    )
  })

  it('keeps a detail inside its quotes', () => {
    const detail = 'no value for {query.ü|"x\\y"}'
    expect(headersOf({ xCache: 'BYPASS', detail })['Cache-Status']).to.equal(
      'express-cacheable;fwd=bypass;detail="no value for {query.?|\\"x\\\\y\\"}"',
    )
  })
})
