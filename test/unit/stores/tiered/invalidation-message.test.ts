import { expect } from 'chai'
import type { KeySelector } from '#src/stores/store.js'
import {
  INVALIDATE_ALL,
  invalidationMessage,
  selectorsInMessage,
} from '#src/stores/tiered/invalidation-message.js'

const ALL: readonly KeySelector[] = [{ kind: 'glob', glob: '*' }]

describe('an invalidation message', () => {
  it('says what was evicted', () => {
    const selectors: KeySelector[] = [
      { kind: 'key', key: 'user:1' },
      { kind: 'pattern', pattern: 'users:*' },
      { kind: 'glob', glob: 'u[sx]*' },
      { kind: 'naming', words: ['42', 'a%20b'] },
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
    '[{"kind":"naming"}]',
    '[{"kind":"naming","words":[1]}]',
  ]) {
    it(`means everything where it is unreadable: ${message}`, () => {
      expect(selectorsInMessage(message)).to.deep.equal(ALL)
    })
  }

  const huge: Readonly<Record<string, KeySelector[]>> = {
    'a long key': [{ kind: 'key', key: 'a'.repeat(5_000) }],
    'a long glob': [{ kind: 'glob', glob: '*'.repeat(5_000) }],
    'long words': [{ kind: 'naming', words: ['a'.repeat(3_000), 'b'.repeat(3_000)] }],
    'a long pattern': [{ kind: 'pattern', pattern: '*:'.repeat(3_000) }],
    'very many selectors': Array.from({ length: 10_001 }, () => ({ kind: 'key', key: 'a' })),
    'a long text': Array.from({ length: 300 }, () => ({ kind: 'key', key: 'a'.repeat(4_000) })),
  }
  for (const [what, selectors] of Object.entries(huge)) {
    it(`means everything where it is huge, and is not sent: ${what}`, () => {
      expect(selectorsInMessage(JSON.stringify(selectors))).to.deep.equal(ALL)
      expect(invalidationMessage(selectors)).to.equal(INVALIDATE_ALL)
    })
  }
})
