import { expect } from 'chai'
import type { Request } from 'express'
import { requestPolicy, unanswerable } from '#src/http/request-policy.js'

function request(headers: Record<string, string>, rest: object = {}): Request {
  return { method: 'GET', headers, get: (name: string) => headers[name], ...rest } as unknown as Request
}

describe('requestPolicy', () => {
  const cases: [name: string, headers: Record<string, string>, policy: string][] = [
    ['nothing', {}, 'normal'],
    ['no-cache', { 'cache-control': 'No-Cache' }, 'reload'],
    ['max-age=0', { 'cache-control': 'max-age=0' }, 'reload'],
    ['max-age=5', { 'cache-control': 'max-age=5' }, 'normal'],
    ['no-store', { 'cache-control': 'no-cache, no-store' }, 'no-store'],
    ['what cannot be read', { 'cache-control': 'no-cache =' }, 'normal'],
    ['an old Pragma', { pragma: 'no-cache' }, 'reload'],
    ['Pragma beside Cache-Control', { pragma: 'no-cache', 'cache-control': 'max-age=5' }, 'normal'],
  ]
  for (const [name, headers, policy] of cases) {
    it(`takes ${name} for ${policy}`, () => expect(requestPolicy(request(headers))).to.equal(policy))
  }
})

describe('unanswerable', () => {
  it('lets plain reads pass', () => {
    expect(unanswerable(request({}))).to.equal(undefined)
    expect(unanswerable(request({ 'content-length': '0' }))).to.equal(undefined)
    expect(unanswerable(request({ 'content-length': '5' }, { method: 'POST' }))).to.equal(undefined)
    expect(unanswerable(request({}, { originalMethod: 'GET' }))).to.equal(undefined)
  })

  it('names what a stored answer cannot be for', () => {
    expect(unanswerable(request({ 'content-length': '5' }))).to.equal('GET with a body')
    expect(unanswerable(request({ 'transfer-encoding': 'chunked' }))).to.equal('GET with a body')
    expect(unanswerable(request({ range: 'bytes=0-1' }))).to.equal('Range')
    expect(unanswerable(request({}, { originalMethod: 'POST' }))).to.equal('method override')
  })
})
