import { expect } from 'chai'
import type { Request } from 'express'
import type { CacheEvent } from '#src/engine/cache-event.js'
import { requestKey } from '#src/express/read/request-key.js'
import { expressValues } from '#src/express/request-values.js'
import type { CacheableRule } from '#src/rules/rule.js'
import { cacheableRule } from '../../rules/rules-for-tests.js'

const ITEM = cacheableRule('item:{id}:{query.page|=1}')

interface Given {
  readonly rule?: Partial<CacheableRule>
  readonly req?: Partial<Request>
  readonly isEnabled?: boolean
}

/** The key or the reason for none, and what was emitted meanwhile. */
function decide({ rule = {}, req = {}, isEnabled = true }: Given): { said: string; events: CacheEvent[] } {
  const events: CacheEvent[] = []
  const request = {
    ...{ method: 'GET', headers: {}, params: { id: '7' }, query: {} },
    get(name: string) {
      return this.headers[name]
    },
    ...req,
  } as Request
  const context = {
    isEnabled,
    emit: (event: CacheEvent) => events.push(event),
    claimKey: () => {},
    harmlessCookies: new Set<string>(),
  }
  const decided = requestKey({ ...ITEM, ...rule }, context, request, expressValues(request))
  return { said: decided.ok ? decided.key : `none: ${decided.reason}`, events }
}

describe('requestKey', () => {
  const cases: [name: string, given: Given, said: string][] = [
    ['fills the template from the request', { req: { query: { page: '3' } } }, 'item:7:3'],
    ['takes a default', {}, 'item:7:1'],
    ['gives HEAD the key of GET', { req: { method: 'HEAD' } }, 'item:7:1'],
    ['gives none where a value is missing', { req: { params: {} } }, 'none: no value for {id}'],
    ['gives none for a method that the rule does not answer', { req: { method: 'PUT' } }, 'none: method PUT'],
    [
      'gives none for a request that no stored answer could be for',
      { req: { headers: { range: 'bytes=0-1' } } },
      'none: Range',
    ],
    ['gives none where the cache is switched off', { isEnabled: false }, 'none: disabled'],
    ['gives none where the condition says no', { rule: { condition: () => false } }, 'none: condition'],
    ['gives the key where the condition says yes', { rule: { condition: () => true } }, 'item:7:1'],
    [
      'adds the headers that the answer varies on',
      { rule: { vary: ['accept-language', 'x-site'] }, req: { headers: { 'accept-language': 'de' } } },
      'item:7:1#accept-language=de&x-site',
    ],
    [
      'gives none where those headers make the key too long',
      { rule: { vary: ['x-site'] }, req: { headers: { 'x-site': 'x'.repeat(1_024) } } },
      'none: key over 1024 bytes',
    ],
  ]
  for (const [name, given, said] of cases) {
    it(name, () => expect(decide(given)).to.deep.equal({ said, events: [] }))
  }

  it('gives none where the condition throws, and emits the mistake', () => {
    const error = new Error('no such field')
    const condition = (): boolean => {
      throw error
    }
    const { said, events } = decide({ rule: { condition } })
    expect(said).to.equal('none: condition failed')
    expect(events).to.deep.equal([
      { type: 'option-failed', rule: { ...ITEM, condition }, option: 'condition', error },
    ])
  })

  it('does not ask the condition about a request that it cannot answer anyway', () => {
    const condition = (): boolean => {
      throw new Error('was asked')
    }
    expect(decide({ rule: { condition }, req: { method: 'DELETE' } })).to.deep.equal({
      said: 'none: method DELETE',
      events: [],
    })
  })
})
