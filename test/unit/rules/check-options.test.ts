import { expect } from 'chai'
import { checkOptions } from '#src/rules/check-options.js'
import { thrown } from '../thrown.js'

describe('checkOptions', () => {
  it('takes every option of its decorator, also one that is left undefined', () => {
    const cacheable = {
      condition: () => true,
      unless: () => true,
      statuses: [404],
      mark: 'cached',
      vary: ['Accept-Language', 'x_tenant'],
      visibility: 'public',
      staleWhileRevalidate: 5,
      staleIfError: '1m',
      maxKeys: 1,
    }
    checkOptions('@Cacheable', cacheable, 'here')
    checkOptions('@CacheConfig', { ...cacheable, keyPrefix: 'crm:', ttl: 5 }, 'here')
    checkOptions('@CachePut', { condition: () => true, unless: undefined }, 'here')
    checkOptions('@CacheEvict', { condition: undefined, before: true }, 'here')
  })

  const wrong: readonly [decorator: Parameters<typeof checkOptions>[0], options: unknown, problem: string][] =
    [
      ['@Cacheable', { conditon: () => true }, `there is no option 'conditon' of @Cacheable`],
      ['@Cacheable', { keyPrefix: 'a' }, `there is no option 'keyPrefix' of @Cacheable`],
      ['@CacheConfig', { keys: 'a:*' }, `there is no option 'keys' of @CacheConfig`],
      ['@Cacheable', { keys: 5 }, `5 is no value for the option 'keys' of @Cacheable`],
      ['@Cacheable', { toString: 1 }, `there is no option 'toString' of @Cacheable`],
      ['@CachePut', { mark: 'cached' }, `there is no option 'mark' of @CachePut`],
      ['@CacheEvict', { unless: () => true }, `there is no option 'unless' of @CacheEvict`],
      ['@CacheConfig', { prefix: 'crm:' }, `there is no option 'prefix' of @CacheConfig`],
      ['@Cacheable', { condition: true }, `true is no value for the option 'condition' of @Cacheable`],
      ['@CachePut', { unless: 'no' }, `"no" is no value for the option 'unless' of @CachePut`],
      ['@Cacheable', { statuses: 404 }, `404 is no value for the option 'statuses' of @Cacheable`],
      ['@Cacheable', { mark: '' }, `"" is no value for the option 'mark' of @Cacheable`],
      ['@Cacheable', { mark: true }, `true is no value for the option 'mark' of @Cacheable`],
      ['@Cacheable', { vary: 'cookie' }, `"cookie" is no value for the option 'vary' of @Cacheable`],
      ['@Cacheable', { vary: ['*'] }, `["*"] is no value for the option 'vary' of @Cacheable`],
      ['@Cacheable', { vary: ['a:b'] }, `["a:b"] is no value for the option 'vary' of @Cacheable`],
      ['@Cacheable', { vary: [5] }, `[5] is no value for the option 'vary' of @Cacheable`],
      ['@Cacheable', { maxKeys: 0 }, `0 is no value for the option 'maxKeys' of @Cacheable`],
      ['@Cacheable', { maxKeys: -1 }, `-1 is no value for the option 'maxKeys' of @Cacheable`],
      ['@Cacheable', { maxKeys: 1.5 }, `1.5 is no value for the option 'maxKeys' of @Cacheable`],
      ['@Cacheable', { maxKeys: Infinity }, `Infinity is no value for the option 'maxKeys' of @Cacheable`],
      ['@Cacheable', { maxKeys: 50n }, `50 is no value for the option 'maxKeys' of @Cacheable`],
      ['@Cacheable', { maxKeys: '50' }, `"50" is no value for the option 'maxKeys' of @Cacheable`],
      ['@CacheConfig', { maxKeys: null }, `null is no value for the option 'maxKeys' of @CacheConfig`],
      ['@CachePut', { maxKeys: 50 }, `there is no option 'maxKeys' of @CachePut`],
      ['@CacheEvict', { before: 'true' }, `"true" is no value for the option 'before' of @CacheEvict`],
      ['@CacheConfig', { keyPrefix: 5 }, `5 is no value for the option 'keyPrefix' of @CacheConfig`],
      [
        '@CacheConfig',
        { keyPrefix: 'crm#' },
        `"crm#" is no value for the option 'keyPrefix' of @CacheConfig`,
      ],
      [
        '@CacheConfig',
        { keyPrefix: '{id}:' },
        `"{id}:" is no value for the option 'keyPrefix' of @CacheConfig`,
      ],
      ['@Cacheable', null, 'null stands for the options of @Cacheable'],
      ['@CacheEvict', true, 'true stands for the options of @CacheEvict'],
    ]
  for (const [decorator, options, problem] of wrong) {
    it(`says: ${problem}`, () => {
      const error = thrown(() => checkOptions(decorator, options, 'UserController.getUser'))
      expect(error.code).to.equal('E_CACHE_OPTION')
      expect(error.where).to.equal('UserController.getUser')
      expect(error.message).to.include(`UserController.getUser: ${problem}. ${error.mend}`)
      expect(error.mend).to.match(/^(Give|There are) /)
    })
  }
})
