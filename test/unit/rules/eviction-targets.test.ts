import { expect } from 'chai'
import { evictionTargets, targetOf } from '#src/rules/eviction-targets.js'
import { evictRule } from './rules-for-tests.js'

describe('evictionTargets', () => {
  it('makes keys of what names its values, and patterns of the rest', () => {
    const rules = [evictRule(['user:{id}', 'users:list:*']), evictRule('tasks:{user.id}:open')]
    const targets = evictionTargets(rules, ({ source }) => (source === 'bare' ? 7 : undefined))
    expect(targets).to.deep.equal([
      { kind: 'key', key: 'user:7' },
      { kind: 'pattern', pattern: 'users:list:*' },
      { kind: 'pattern', pattern: 'tasks:*:open' },
    ])
  })

  it('evicts once what several rules say', () => {
    const rules = [evictRule(['user:{id}', 'user:{params.id}']), evictRule('user:7')]
    expect(evictionTargets(rules, () => 7)).to.deep.equal([{ kind: 'key', key: 'user:7' }])
  })

  it('takes a star in a value for a value', () => {
    expect(evictionTargets([evictRule('user:{id}')], () => '*')).to.deep.equal([
      { kind: 'key', key: 'user:%2A' },
    ])
  })
})

describe('targetOf', () => {
  it('takes only a whole segment for a star', () => {
    expect(targetOf('a:*')).to.deep.equal({ kind: 'pattern', pattern: 'a:*' })
    expect(targetOf('*')).to.deep.equal({ kind: 'pattern', pattern: '*' })
    expect(targetOf('a:b')).to.deep.equal({ kind: 'key', key: 'a:b' })
  })
})
