import { expect } from 'chai'
import { globMatcher, literalPrefixOfGlob, literalPrefixOfPattern } from '#src/keys/glob.js'

describe('globMatcher', () => {
  const cases: [glob: string, covered: string[], others: string[]][] = [
    ['user:1', ['user:1'], ['user:10', 'xuser:1', 'user:']],
    ['*', ['', 'a', 'a:b', 'line\nbreak'], []],
    ['user:*', ['user:', 'user:1', 'user:1:2'], ['user', 'users:1']],
    ['*:list', ['a:list', 'a:b:list'], ['a:list:1']],
    ['a*b*c', ['abc', 'axbxc', 'abbcc'], ['acb', 'ab']],
    ['a*ab', ['aab', 'abab'], ['ab', 'aaba']],
    ['**', ['', 'a'], []],
    ['h?llo', ['hello', 'h:llo'], ['hllo', 'heello']],
    ['h??', ['hé', 'hxy'], ['hxyz', 'hx']],
    ['[a-c]', ['a', 'b', 'c'], ['d', '-', '']],
    ['[c-a]', ['a', 'b', 'c'], ['d', '-']],
    ['[^a-c]', ['d', '^'], ['a', '']],
    ['[a^]', ['a', '^'], ['b']],
    ['[]', [], ['', 'a', ']']],
    ['[^]', ['a', ']'], ['', 'ab']],
    ['[ab', ['a', 'b'], ['[ab', '[']],
    ['[\\]]', [']'], ['\\', '\\]']],
    ['[\\a-c]', ['a', '-', 'c'], ['b', '\\']],
    ['\\*', ['*'], ['a', '\\*']],
    ['\\a', ['a'], ['\\a']],
    ['a\\', ['a\\'], ['a']],
    ['a.c', ['a.c'], ['abc']],
    ['(a|b)+$', ['(a|b)+$'], ['a', 'b']],
    ['日本:?', ['日本:1'], ['日:1', '日本:10']],
  ]
  for (const [glob, covered, others] of cases) {
    it(`takes ${JSON.stringify(glob)} as Redis does`, () => {
      const covers = globMatcher(glob)
      expect([...covered, ...others].filter(covers)).to.deep.equal(covered)
    })
  }

  it('takes any glob, however long', () => {
    for (const [glob, isCovered] of [
      ['*'.repeat(100_000), true],
      ['a*'.repeat(100_000), false],
      ['[a-z]'.repeat(20_000), false],
      ['?'.repeat(100_000), false],
    ] as const) {
      expect(globMatcher(glob)('a'.repeat(1_000))).to.equal(isCovered)
    }
  })

  it('takes no longer for many stars', () => {
    const covers = globMatcher(`${'*a'.repeat(30)}b`)
    const startedAt = performance.now()
    expect(covers('a'.repeat(1_000))).to.equal(false)
    expect(performance.now() - startedAt).to.be.below(1_000)
  })
})

describe('literalPrefixOfGlob', () => {
  for (const [glob, text, whole] of [
    ['user:1', 'user:1', true],
    ['user:*', 'user:', false],
    ['user:1?', 'user:1', false],
    ['us[e]r:[12]', 'user:', false],
    ['us[^e]r', 'us', false],
    ['a\\*b*', 'a*b', false],
    ['ключ:*', 'ключ:', false],
    ['*', '', false],
    ['', '', true],
  ] as const) {
    it(`of ${JSON.stringify(glob)} is ${JSON.stringify(text)}${whole ? ', which is all' : ''}`, () => {
      expect(literalPrefixOfGlob(glob)).to.deep.equal({ text, whole })
    })
  }
})

describe('literalPrefixOfPattern', () => {
  for (const [pattern, text, whole] of [
    ['user:1', 'user:1', true],
    ['customers:list:*', 'customers:list:', false],
    ['tasks:*:open', 'tasks:', false],
    ['*', '', false],
    ['*:1', '', false],
    ['user:1*', 'user:1*', true],
  ] as const) {
    it(`of ${pattern} is ${JSON.stringify(text)}${whole ? ', which is all' : ''}`, () => {
      expect(literalPrefixOfPattern(pattern)).to.deep.equal({ text, whole })
    })
  }
})
