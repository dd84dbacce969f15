import { expect } from 'chai'
import { matchesPattern } from '#src/keys/match-pattern.js'

describe('matchesPattern', () => {
  const cases: [pattern: string, covered: string[], others: string[]][] = [
    ['user:1', ['user:1', 'user:1#en'], ['user:10', 'user', 'user:1:x', 'xuser:1']],
    [
      'customers:list:*',
      ['customers:list:1', 'customers:list:1:10:all'],
      ['customers:list', 'customers:x:1'],
    ],
    ['tasks:*:open', ['tasks:7:open', 'tasks:7:open#en'], ['tasks:open', 'tasks:7:8:open', 'tasks:7:done']],
    ['tasks:*:*', ['tasks:7:open', 'tasks:7:open:1'], ['tasks:7', 'tasks']],
    ['*:1', ['user:1'], ['user:2', 'a:b:1']],
    ['*', ['a', 'a:b', 'a#x'], []],
    ['a:*', ['a:', 'a:#x', 'a:*'], ['a', 'a#x:y']],
    ['a%2Ab', ['a%2Ab'], ['a*b', 'axb']],
    ['user:1*', ['user:1*'], ['user:10']],
  ]
  for (const [pattern, covered, others] of cases) {
    it(`lets ${pattern} cover what it says and nothing else`, () => {
      expect([...covered, ...others].filter((key) => matchesPattern(pattern, key))).to.deep.equal(covered)
    })
  }
})
