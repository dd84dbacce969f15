import { expect } from 'chai'
import { forbidsStale, lifetimeMsOf, parseCacheControl } from '#src/http/cache-control.js'
import { storability } from '#src/http/storability.js'

const NOW = Date.parse('2026-11-22T12:00:00Z')
const RULE = {
  statuses: new Set([200]),
  vary: ['accept-language'],
  ttlMs: 60_000,
  harmlessCookies: new Set(['_stats']),
}

function judge(headers: Record<string, unknown>, { status = 200, earlierVary = undefined as unknown } = {}) {
  const verdict = storability({ status, headers, bodyBytes: 7 }, RULE, earlierVary, NOW)
  return verdict.storable ? verdict.ttlMs : verdict.reason
}

function dates(expires: string, date: string): Record<string, unknown> {
  return { expires: `Sun, 22 Nov 2026 ${expires} GMT`, date: `Sun, 22 Nov 2026 ${date} GMT` }
}

describe('storability', () => {
  const cases: [name: string, headers: Record<string, unknown>, verdict: number | string][] = [
    ['no headers', {}, 60_000],
    ['public', { 'cache-control': 'public' }, 60_000],
    ['a longer max-age', { 'cache-control': 'max-age=3600' }, 60_000],
    ['a shorter max-age', { 'cache-control': 'max-age=10' }, 10_000],
    ['s-maxage before max-age', { 'cache-control': 'max-age=50, s-maxage=20' }, 20_000],
    ['max-age before Expires', { 'cache-control': 'max-age=50', expires: '0' }, 50_000],
    ['an Expires to come', { expires: 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
    ['an Expires that has passed', { expires: 'Sun, 22 Nov 2026 12:00:00 GMT' }, 'no freshness left'],
    ['an Expires that is no date', { expires: '0 seconds' }, 'no freshness left'],
    ['an Expires in no format of HTTP', { expires: '22 Nov 2026 12:00:30' }, 'no freshness left'],
    ['an Expires before its Date', dates('12:00:30', '12:00:40'), 'no freshness left'],
    ['an Expires after a Date ahead of our clock', dates('12:00:30', '12:00:20'), 10_000],
    ['a Date that is none', { expires: 'Sun, 22 Nov 2026 12:00:30 GMT', date: 'soon' }, 30_000],
    ['a Date in the past', { 'cache-control': 'max-age=50', ...dates('12:00:30', '11:59:40') }, 30_000],
    ['an Age', { 'cache-control': 'max-age=50', age: '20' }, 30_000],
    ['an Age beyond max-age', { 'cache-control': 'max-age=50', age: 60 }, 'no freshness left'],
    ['an Age without a lifetime', { age: '600' }, 60_000],
    ['an Age that is no number', { 'cache-control': 'max-age=50', age: '-1' }, 'unreadable Age'],
    ['two of Age', { 'cache-control': 'max-age=50', age: ['0', '0'] }, 'unreadable Age'],
    ['max-age given twice', { 'cache-control': 'max-age=1, max-age=50' }, 'unreadable Cache-Control'],
    ['a comma in quotes', { 'cache-control': 'ext="a, \\"b", max-age=50' }, 50_000],
    ['max-age=0', { 'cache-control': 'max-age=0' }, 'no freshness left'],
    ['a negative max-age', { 'cache-control': 'max-age=-1' }, 'no freshness left'],
    ['a max-age that is no number', { 'cache-control': 'max-age=soon' }, 'no freshness left'],
    ['no-store', { 'cache-control': 'no-store' }, 'Cache-Control: no-store'],
    ['capitals', { 'cache-control': 'NO-STORE' }, 'Cache-Control: no-store'],
    ['several fields', { 'cache-control': ['public', 'private'] }, 'Cache-Control: private'],
    ['private for one field', { 'cache-control': 'private="x-user"' }, 'Cache-Control: private'],
    ['no-cache', { 'cache-control': 'no-cache, max-age=60' }, 'Cache-Control: no-cache'],
    ['a value that only contains no-store', { 'cache-control': 'ext="no-store"' }, 60_000],
    ['what cannot be read', { 'cache-control': 'max-age = 5' }, 'unreadable Cache-Control'],
    ['Set-Cookie', { 'set-cookie': ['a=1'] }, 'Set-Cookie'],
    ['Content-Range', { 'content-range': 'bytes 0-1/2' }, 'Content-Range'],
    ['a body of its length', { 'content-length': '7' }, 60_000],
    ['a body that ended early', { 'content-length': 8 }, 'incomplete body'],
    ['a Content-Length that the body has', { 'content-length': '7' }, 60_000],
    ['one that it falls short of', { 'content-length': 10 }, 'incomplete body'],
    ['one that it goes beyond', { 'content-length': 2 }, 'incomplete body'],
    ['Vary: *', { vary: 'Accept-Language, *' }, 'Vary: *'],
    ['a Vary that the key names', { vary: 'Accept-Language' }, 60_000],
    ['a Vary that it does not', { vary: 'Accept-Language, Cookie' }, 'Vary: cookie'],
  ]
  for (const [name, headers, verdict] of cases) {
    it(`judges ${name}`, () => expect(judge(headers)).to.equal(verdict))
  }

  it('takes a Vary of earlier middleware for no reason where it leaves the body alone', () => {
    for (const name of ['Origin', 'Accept-Encoding', 'Access-Control-Request-Headers']) {
      expect(judge({ vary: name }, { earlierVary: name })).to.equal(60_000)
      expect(judge({ vary: name })).to.equal(`Vary: ${name.toLowerCase()}`)
    }
    expect(judge({ vary: 'Cookie' }, { earlierVary: 'Cookie' })).to.equal('Vary: cookie')
    expect(judge({ vary: '*' }, { earlierVary: '*' })).to.equal('Vary: *')
  })

  it('allows declared statuses only', () => {
    expect(judge({}, { status: 404 })).to.equal('status 404')
    expect(
      storability(
        { status: 404, headers: {}, bodyBytes: 7 },
        { ...RULE, statuses: new Set([404]) },
        undefined,
        NOW,
      ),
    ).to.deep.equal({ storable: true, ttlMs: 60_000 })
  })

  it('reads how long a stored answer was to live', () => {
    expect(lifetimeMsOf(parseCacheControl('max-age=2') ?? new Map())).to.equal(2_000)
    expect(lifetimeMsOf(parseCacheControl(undefined) ?? new Map())).to.equal(undefined)
  })

  it('cannot read directives that a semicolon parts', () => {
    expect(parseCacheControl('max-age=60;private')).to.equal(null)
    expect(parseCacheControl('public, max-age=60; no-store')).to.equal(null)
  })

  it('knows what forbids a stale answer', () => {
    for (const directive of ['must-revalidate', 'proxy-revalidate', 's-maxage=2']) {
      expect(forbidsStale(`max-age=1, ${directive}`), directive).to.equal(true)
    }
    expect(forbidsStale('max-age=1')).to.equal(false)
    expect(forbidsStale(undefined)).to.equal(false)
  })
})
