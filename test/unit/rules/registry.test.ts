import { expect } from 'chai'
import { parseTemplate } from '#src/keys/template.js'
import { RuleRegistry } from '#src/rules/registry.js'
import { thrown } from '../thrown.js'
import { cacheableRule, evictRule } from './rules-for-tests.js'

describe('RuleRegistry', () => {
  it('keeps rules in the order in which they came', () => {
    const registry = new RuleRegistry([])
    const rules = [cacheableRule('user:{id}'), evictRule('user:*')]
    for (const rule of rules) registry.add(rule)
    expect(registry.list()).to.deep.equal(rules)
  })

  it('verifies again after a rule has been added', () => {
    const registry = new RuleRegistry([])
    registry.add(cacheableRule('user:{id}'))
    registry.verify()
    registry.add(evictRule('users:*'))
    expect(thrown(() => registry.verify()).code).to.equal('E_CACHE_PATTERN_UNREACHABLE')
    registry.add(cacheableRule('users:{id}'))
    registry.verify()
  })

  it('checks once for each set of rules', () => {
    let checks = 0
    const templates = Object.assign([], {
      [Symbol.iterator]() {
        checks++
        return [].values()
      },
    })
    const registry = new RuleRegistry(templates)
    for (const key of ['user:{id}', 'task:{id}']) {
      registry.add(cacheableRule(key))
      registry.verify()
      registry.verify()
    }
    expect(checks).to.equal(2)
  })

  it('goes on refusing as long as the mistake is there', () => {
    const registry = new RuleRegistry([])
    registry.add(evictRule('users:*'))
    for (const _ of [1, 2]) {
      expect(thrown(() => registry.verify()).code).to.equal('E_CACHE_PATTERN_UNREACHABLE')
    }
  })

  it('lets patterns reach keys that others write', () => {
    const registry = new RuleRegistry([parseTemplate('legacy:{id}', 'here')])
    registry.add(evictRule('legacy:*'))
    registry.verify()
  })

  it('finds the rule of a key also where its values are escaped, or absent', () => {
    const registry = new RuleRegistry([])
    const rule = cacheableRule('row:{id}:{query.of|all}')
    registry.add({ ...rule, graceMs: 5_000 })
    for (const key of ['row:a%3Ab:x', 'row:1:%C3%A4', 'row:1:|all']) {
      expect(registry.readerOf(key)?.key, key).to.equal(rule.key)
      expect(registry.lifetimeMs(key, 1_000), key).to.equal(6_000)
    }
    for (const key of ['row:1:|x', 'row:|all:1']) expect(registry.readerOf(key), key).to.equal(undefined)
  })
})
