import { expect } from 'chai'
import { type Conditions, isUnchanged } from '#src/http/conditions.js'

const SINCE = 'Tue, 01 Dec 2026 10:00:00 GMT'
const ANSWER: Record<string, unknown> = { etag: 'W/"1"', 'last-modified': SINCE }

describe('isUnchanged', () => {
  const cases: [name: string, conditions: Conditions, status: number, isTrue: boolean][] = [
    ['no condition', {}, 200, false],
    ['the same ETag', { 'if-none-match': '"0", "1"' }, 200, true],
    ['another ETag', { 'if-none-match': '"2"' }, 200, false],
    ['the same ETag of an answer that is not 200', { 'if-none-match': '"1"' }, 404, false],
    ['no change since', { 'if-modified-since': SINCE }, 200, true],
    ['a change since', { 'if-modified-since': 'Mon, 30 Nov 2026 10:00:00 GMT' }, 200, false],
    ['another ETag, whatever the date', { 'if-none-match': '"2"', 'if-modified-since': SINCE }, 200, false],
    ['a client that reloads', { 'if-none-match': '"1"', 'cache-control': 'no-cache' }, 200, false],
  ]
  for (const [name, conditions, status, isTrue] of cases) {
    it(`is ${isTrue} for ${name}`, () => {
      expect(isUnchanged(conditions, status, (header) => ANSWER[header])).to.equal(isTrue)
    })
  }
})
