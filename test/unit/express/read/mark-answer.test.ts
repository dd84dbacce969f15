import { expect } from 'chai'
import { type Markable, marked } from '#src/express/read/mark-answer.js'
import { cacheableRule } from '../../rules/rules-for-tests.js'

const PLAIN = cacheableRule('item:{id}')
const MARKING = { ...PLAIN, mark: 'cached' }
const JSON_ANSWER: Markable = { status: 200, contentType: 'application/json', body: Buffer.from('{"a":1}') }

const textOf = (rule: typeof PLAIN, answer: Markable, isHit = true) => marked(rule, answer, isHit).toString()

describe('marked', () => {
  it('says in a JSON answer whether it came from the cache', () => {
    expect(textOf(MARKING, JSON_ANSWER)).to.equal('{"a":1,"cached":true}')
    expect(textOf(MARKING, JSON_ANSWER, false)).to.equal('{"a":1,"cached":false}')
  })

  const untouched: [name: string, rule: typeof PLAIN, answer: Markable][] = [
    ['whose rule has no mark', PLAIN, JSON_ANSWER],
    ['that the rule does not store', MARKING, { ...JSON_ANSWER, status: 404 }],
    ['that is no JSON', MARKING, { ...JSON_ANSWER, contentType: 'text/plain' }],
  ]
  for (const [name, rule, answer] of untouched) {
    it(`leaves alone an answer ${name}`, () => expect(marked(rule, answer, true)).to.equal(answer.body))
  }
})
