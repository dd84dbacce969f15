import { expect } from 'chai'
import { parseTemplate } from '#src/keys/template.js'
import type { Rule } from '#src/rules/rule.js'
import { verifyRules } from '#src/rules/verify-rules.js'
import { thrown } from '../thrown.js'
import { cacheableRule, evictRule, putRule } from './rules-for-tests.js'

const verify = (rules: readonly Rule[], externalKeys: readonly string[] = []) =>
  verifyRules(
    rules,
    externalKeys.map((text) => parseTemplate(text, 'here')),
  )

describe('verifyRules', () => {
  describe('for patterns', () => {
    const reads = ['user:{id}', 'users:list:{query.page|1}', 'tasks:user:{id}:status:{query.status}'].map(
      (key) => cacheableRule(key),
    )

    for (const pattern of [
      'user:{id}',
      'user:{result.userId}',
      'user:*',
      'user:me',
      'users:list:*',
      'users:*',
      'users:*:1',
      '*:list:1',
      'tasks:user:{id}:status:PENDING',
      'tasks:user:{id}:*',
      'tasks:*:{id}:*',
      '*',
    ]) {
      it(`finds a key that '${pattern}' can reach`, () => verify([...reads, evictRule(pattern)]))
    }

    for (const pattern of [
      'usr:{id}',
      'user',
      'user:{id}:*',
      'user:*:x',
      'users:list',
      'users:list:1:*',
      'users:*:1:2',
      'tasks:user:{id}',
      'tasks:user:{id}:state:*',
      'tasks:*:PENDING',
    ]) {
      it(`finds none for '${pattern}'`, () => {
        const error = thrown(() =>
          verify([...reads, evictRule(['user:{id}', pattern], { where: 'UserController.putUser' })]),
        )
        expect(error.code).to.equal('E_CACHE_PATTERN_UNREACHABLE')
        expect(error.where).to.equal('UserController.putUser')
        expect(error.message).to.include(`no key of this cache can match the pattern '${pattern}'`)
        expect(error.mend).to.include(`Keys are 'user:{id}', 'users:list:{query.page|1}', 'tasks:user:`)
        expect(error.mend).to.include('externalKeys')
      })
    }

    it('counts the keys of puts, and of rules that come later', () => {
      verify([evictRule(['user:{id}', 'task:*']), putRule('user:{result.id}'), cacheableRule('task:{id}')])
    })

    it('counts keys that others write', () => {
      verify([evictRule('legacy:{id}')], ['legacy:{id}'])
      expect(thrown(() => verify([evictRule('legacy:{id}')], ['other:{id}'])).mend).to.include(
        `Keys are 'other:{id}'`,
      )
    })

    it('gives a mend that works where there is no key at all', () => {
      for (const pattern of ['users:list:*', '*:list:{id}', 'users:list:1', 'users:*:*']) {
        const { mend } = thrown(() => verify([evictRule(pattern)]))
        const proposed = /externalKeys: \['(.*)'\]/.exec(mend)?.[1]
        expect(proposed, mend).to.be.a('string')
        verify([evictRule(pattern)], [proposed as string])
      }
    })

    it('names each key once', () => {
      const rules = [cacheableRule('user:{id}', 'one'), cacheableRule('user:{id}', 'two'), evictRule('x')]
      expect(thrown(() => verify(rules)).mend).to.include(`Keys are 'user:{id}'. Mend`)
    })
  })

  describe('for keys', () => {
    it('takes two rules with one shape for a choice', () => {
      verify([cacheableRule('user:{id}'), cacheableRule('user:{query.id}'), putRule('user:{result.id}')])
    })

    it('refuses two shapes that can give the same key', () => {
      const error = thrown(() =>
        verify([cacheableRule('user:{id}', 'Users.getUser'), cacheableRule('user:me', 'Users.getMe')]),
      )
      expect(error.code).to.equal('E_CACHE_KEY_OVERLAP')
      expect(error.where).to.equal('Users.getMe')
      expect(error.message).to.include(
        `the key 'user:me' and the key 'user:{id}' of Users.getUser can be the same text`,
      )
      expect(error.mend).to.include(`'user:by-something:me'`)
    })

    it('lets a put write what a route reads, whatever its shape', () => {
      verify([cacheableRule('user:{id}'), putRule('user:me'), putRule('user:{result.id}')])
    })

    it('takes shapes that cannot meet', () => {
      verify([
        cacheableRule('user:{id}'),
        cacheableRule('user:{id}:tasks'),
        cacheableRule('users:{id}'),
        cacheableRule('u-{id}'),
        cacheableRule('t-{id}'),
        cacheableRule('range:{query.from}'),
        cacheableRule('range:{query.from}/{query.to}'),
      ])
    })

    it('takes all keys of the guide together', () => {
      verify(
        [
          'user:{id}',
          'users:list:{query.page|1}',
          'customer:{id}',
          'customers:list:{query.page|1}:{query.limit|10}:{query.industry|all}',
          'customers:count',
          'tasks:user:{user.id}:status:{query.status|all}',
          'meetings:user:{user.id}:upcoming',
          'tasks:overdue',
          'approvals:user:{user.id}:pending',
          'approvals:history:{id}',
          'analytics:dashboard:{user.id}',
          'reports:{type}:{query.startDate}:{query.endDate}',
          'notifications:user:{user.id}:unread',
        ].map((key) => cacheableRule(key)),
      )
    })
  })
})
