import { expect } from 'chai'
import {
  evictionArguments,
  fallingFences,
  NO_FENCES,
  scriptSelector,
  variantsOf,
} from '#src/stores/redis/script-selector.js'

describe('scriptSelector', () => {
  it('needs no search for what names one key', () => {
    const one = { kind: 'key', start: 'user:1', pieces: [] }
    expect(scriptSelector({ kind: 'key', key: 'user:1' })).to.deep.equal(one)
    expect(scriptSelector({ kind: 'pattern', pattern: 'user:1' })).to.deep.equal(one)
    expect(scriptSelector({ kind: 'glob', glob: 'user:1' })).to.deep.equal(one)
  })

  it('searches from what all covered keys begin with', () => {
    expect(scriptSelector({ kind: 'pattern', pattern: 'user:*:open' })).to.deep.include({
      kind: 'pattern',
      start: 'user:',
    })
    expect(scriptSelector({ kind: 'glob', glob: 'us*r' })).to.deep.include({ kind: 'glob', start: 'us' })
  })
})

describe('fallingFences', () => {
  it('names each group once', () => {
    expect(
      fallingFences([
        { kind: 'key', key: 'user:1' },
        { kind: 'pattern', pattern: 'user:*' },
        { kind: 'key', key: 'task:1' },
      ]),
    ).to.deep.equal(['user', 'task'])
  })

  it('is of all groups if one selector may reach any', () => {
    expect(
      fallingFences([
        { kind: 'key', key: 'user:1' },
        { kind: 'glob', glob: 'us*' },
      ]),
    ).to.equal('all')
  })
})

describe('evictionArguments', () => {
  it('has a number before all whose number differs, so that the script can read them', () => {
    const selectors = [variantsOf('user:1'), scriptSelector({ kind: 'glob', glob: 'us*r' })]
    expect(evictionArguments(['user', 'task'], selectors)).to.deep.equal([
      ...[2, 'user', 'task'],
      ...['variants', 'user:1', 0],
      ...['glob', 'us', 2, '^us', 'r$'],
    ])
  })

  it('tells no groups from all of them', () => {
    expect(evictionArguments(NO_FENCES, [])).to.deep.equal([0])
    expect(evictionArguments('all', [])).to.deep.equal([-1])
  })
})
