import { expect } from 'chai'
import type { Selector } from '#src/stores/store.js'
import {
  INVALIDATE_ALL,
  invalidationMessage,
  selectorsInMessage,
} from '#src/stores/tiered/invalidation-message.js'

const ALL: readonly Selector[] = [{ kind: 'glob', glob: '*' }]

describe('the word of an eviction', () => {
  it('says what was evicted', () => {
    const selectors: Selector[] = [
      { kind: 'key', key: 'user:1' },
      { kind: 'pattern', pattern: 'users:*' },
      { kind: 'glob', glob: 'u[sx]*' },
    ]
    expect(selectorsInMessage(invalidationMessage(selectors))).to.deep.equal(selectors)
    expect(selectorsInMessage(INVALIDATE_ALL)).to.deep.equal(ALL)
  })

  for (const word of [
    '',
    'no JSON',
    '{}',
    '[{}]',
    '[null]',
    '[{"kind":"key"}]',
    '[{"kind":"tag","tag":"a"}]',
  ]) {
    it(`means all where it cannot be read: ${word}`, () => {
      expect(selectorsInMessage(word)).to.deep.equal(ALL)
    })
  }
})
