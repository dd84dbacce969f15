import { expect } from 'chai'
import { defaultWarnings } from '#src/rules/default-warnings.js'
import { cacheableRule, evictRule } from './rules-for-tests.js'

describe('defaultWarnings', () => {
  const READ = 'tasks:{user.id}:status:{query.status|all}'
  const warnings = (patterns: string | string[], key = READ) =>
    defaultWarnings([cacheableRule(key, 'reads'), evictRule(patterns, { where: 'writes' })])

  it('name a pattern that evicts the value and leaves what is kept where there is none', () => {
    expect(warnings('tasks:{result.userId}:status:all')).to.deep.equal([
      "writes: the pattern 'tasks:{result.userId}:status:all' evicts the value 'all' and leaves what reads keeps where {query.status|all} has none, which is spelt '|all'. Evict that as well; or write {query.status|=all} there, if both get the same answer.",
    ])
  })

  const fine: [why: string, patterns: string | string[], key?: string][] = [
    ['of another value', 'tasks:{result.userId}:status:OPEN'],
    ['of all', 'tasks:{result.userId}:status:*'],
    ['of the spelling of the default', 'tasks:{result.userId}:status:|all'],
    ['beside one of the spelling', ['tasks:{id}:status:all', 'tasks:{id}:status:|all']],
    ['beside one of all', ['tasks:{id}:status:all', 'tasks:*']],
    ['where both mean the same', 'tasks:{id}:status:all', 'tasks:{user.id}:status:{query.status|=all}'],
    ['of other keys', 'notes:{id}:status:all'],
  ]
  for (const [why, patterns, key] of fine) {
    it(`leave a pattern alone ${why}`, () => expect(warnings(patterns, key)).to.deep.equal([]))
  }
})
