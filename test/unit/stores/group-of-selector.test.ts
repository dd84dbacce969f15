import { expect } from 'chai'
import { groupOfSelector } from '#src/stores/group-of-selector.js'

describe('groupOfSelector', () => {
  for (const [kind, text, group] of [
    ['key', 'user:1', 'user'],
    ['key', 'health', 'health'],
    ['key', 'health#en', 'health'],
    ['pattern', 'user:*', 'user'],
    ['pattern', 'health', 'health'],
    ['pattern', '*:1', null],
    ['pattern', '*', null],
    ['glob', 'user:*', 'user'],
    ['glob', 'user:1', 'user'],
    ['glob', 'health', 'health'],
    ['glob', 'health#*', 'health'],
    ['glob', 'user*', null],
    ['glob', 'us?r:1', null],
    ['glob', '*', null],
    ['glob', 'a\\*b:*', 'a*b'],
  ] as const) {
    it(`of the ${kind} ${text} is ${group ?? 'any'}`, () => {
      const selector =
        kind === 'key'
          ? { kind, key: text }
          : kind === 'glob'
            ? { kind, glob: text }
            : { kind, pattern: text }
      expect(groupOfSelector(selector)).to.equal(group)
    })
  }
})
