import { expect } from 'chai'
import type { Selector } from '#src/stores/store.js'
import {
  INVALIDATE_ALL,
  invalidationMessage,
  selectorsInMessage,
} from '#src/stores/tiered/invalidation-message.js'

const ALL: readonly Selector[] = [{ kind: 'glob', glob: '*' }]

describe('an invalidation message', () => {
  it('says what was evicted', () => {
    const selectors: Selector[] = [
      { kind: 'key', key: 'user:1' },
      { kind: 'pattern', pattern: 'users:*' },
      { kind: 'glob', glob: 'u[sx]*' },
    ]
    expect(selectorsInMessage(invalidationMessage(selectors))).to.deep.equal(selectors)
    expect(selectorsInMessage(INVALIDATE_ALL)).to.deep.equal(ALL)
  })

  for (const message of [
    '',
    'no JSON',
    '{}',
    '[{}]',
    '[null]',
    '[{"kind":"key"}]',
    '[{"kind":"tag","tag":"a"}]',
  ]) {
    it(`means everything where it is unreadable: ${message}`, () => {
      expect(selectorsInMessage(message)).to.deep.equal(ALL)
    })
  }
})
