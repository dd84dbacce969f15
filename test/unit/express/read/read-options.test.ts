import { expect } from 'chai'
import { readOptionsOf } from '#src/express/read/read-options.js'
import { cacheableRule } from '../../rules/rules-for-tests.js'

const RULE = {
  ...cacheableRule('item:{id}'),
  ...{ graceMs: 60_000, staleWhileRevalidateMs: 30_000, keyLimit: { prefix: 'item:', maxKeys: 5 } },
}

describe('readOptionsOf', () => {
  it('takes the grace and the key limit of the rule', () => {
    expect(readOptionsOf(RULE, 'normal')).to.deep.equal({
      graceMs: 60_000,
      staleWhileRevalidateMs: 30_000,
      keyLimit: { prefix: 'item:', maxKeys: 5 },
      mode: 'normal',
      rule: RULE,
    })
  })

  it('takes no value as fresh for a client that wants an answer of now', () => {
    expect(readOptionsOf(RULE, 'reload').mode).to.equal('reload')
  })
})
