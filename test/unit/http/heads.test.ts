import { expect } from 'chai'
import type { Response } from 'express'
import { type CacheOutcome, setCacheStatus } from '#src/express/cache-status.js'
import { parameterNames } from '#src/express/verify-routes.js'
import { markJson } from '#src/http/mark.js'
import { replayableHeaders } from '#src/http/replayable-headers.js'

describe('replayableHeaders', () => {
  it('keeps what the route set, and nothing that was there before it', () => {
    const before = { 'x-powered-by': 'Express', vary: 'Origin', 'x-request-id': '1' }
    const now = {
      ...before,
      vary: 'Origin, Accept',
      'content-type': 'text/plain',
      link: ['a', 'b'],
      'x-total': 7,
    }
    expect(replayableHeaders(now, before)).to.deep.equal({
      vary: 'Origin, Accept',
      'content-type': 'text/plain',
      link: ['a', 'b'],
      'x-total': '7',
    })
  })

  it('keeps nothing that belongs to one response or connection', () => {
    const own = [
      'date',
      'proxy-authorization',
      'connection',
      'transfer-encoding',
      'content-length',
      'set-cookie',
      'cache-status',
      'x-cache',
    ]
    expect(replayableHeaders(Object.fromEntries(own.map((name) => [name, 'x'])), {})).to.deep.equal({})
  })
})

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

describe('parameterNames', () => {
  const cases: [path: string, names: string[]][] = [
    ['/customers/:id', ['id']],
    ['/a/:one/b/:two(\\d+)', ['one', 'two']],
    ['/files/*path', ['path']],
    ['/:"quoted name"/x{/:optional}', ['quoted name', 'optional']],
    ['/flights/:from-:to', ['from', 'to']],
    ['/plain', []],
  ]
  for (const [path, names] of cases) {
    it(`finds those of ${path}`, () => expect([...parameterNames(path)]).to.deep.equal(names))
  }
})
