import { expect } from 'chai'
import type { Request } from 'express'
import type { CacheableOptions, CacheConfigOptions, CacheEvictOptions } from '#src/rules/declaration.js'
import { resolveRule } from '#src/rules/resolve-rule.js'
import type { CacheableRule, EvictRule, PutRule } from '#src/rules/rule.js'
import type { RuleContext } from '#src/rules/rule-context.js'
import { thrown } from '../thrown.js'

const CONTEXT: RuleContext = {
  where: 'UserController.getUser',
  classConfig: {},
  defaultTtl: 300,
  isEventHandler: false,
}

function cacheable(
  key: string,
  { ttl, options = {}, ...context }: Partial<RuleContext> & { ttl?: number | string; options?: object } = {},
): CacheableRule {
  return resolveRule({ kind: 'cacheable', key, ttl, options }, { ...CONTEXT, ...context }) as CacheableRule
}

function put(key: string, { options = {}, ...context }: Partial<RuleContext> & { options?: object } = {}) {
  return resolveRule({ kind: 'put', key, ttl: undefined, options }, { ...CONTEXT, ...context }) as PutRule
}

function evict(
  patterns: string | readonly string[],
  { options = {}, ...context }: Partial<RuleContext> & { options?: CacheEvictOptions } = {},
) {
  return resolveRule({ kind: 'evict', patterns, options }, { ...CONTEXT, ...context }) as EvictRule
}

const hasRole = ({ headers }: Pick<Request, 'headers'>) => headers['x-role'] !== undefined
const isPartial = (result: unknown) => result === 'partial'

/** Whether a rule asks the functions that it was given. */
function expectBoth(rule: CacheableRule | PutRule): void {
  expectCondition(rule)
  const request = {} as Request
  expect([rule.unless?.('partial', request), rule.unless?.('whole', request)]).to.deep.equal([true, false])
}

function expectCondition({ condition }: Pick<EvictRule, 'condition'>): void {
  const answers = [{ 'x-role': 'a' }, {}].map((headers) => condition?.({ headers } as unknown as Request))
  expect(answers).to.deep.equal([true, false])
}

describe('resolveRule', () => {
  describe('of @Cacheable', () => {
    it('packs what is to have a dictionary, with values only where they are no one person’s own', () => {
      const { compress, packedRule } = cacheable('user:{id}', { options: { compress: 'dictionary' } })
      expect([compress, packedRule]).to.deep.equal([
        false,
        { name: 'UserController.getUser user:{id}', takesValues: true },
      ])
      const options = { compress: 'dictionary', visibility: 'user' } as const
      expect(cacheable('user:{user.id}', { options }).packedRule?.takesValues).to.equal(false)
      const wrong = { compress: 'zip' } as unknown as typeof options
      expect(() => cacheable('user:{id}', { options: wrong })).to.throw(/compress.*'dictionary'/s)
    })

    it('fills in what is not said', () => {
      const { template, ...rule } = cacheable('user:{id}')
      expect(template.text).to.equal('user:{id}')
      expect(rule).to.deep.equal({
        kind: 'cacheable',
        where: 'UserController.getUser',
        key: 'user:{id}',
        functionKey: undefined,
        ttlMs: 300_000,
        condition: undefined,
        unless: undefined,
        statuses: new Set([200]),
        mark: undefined,
        vary: [],
        visibility: 'shared',
        honorRequestCacheControl: false,
        staleWhileRevalidateMs: 0,
        staleIfErrorMs: 0,
        compress: false,
        packedRule: undefined,
        refreshAhead: false,
        graceMs: 0,
        maxKeys: undefined,
        version: undefined,
        schema: undefined,
        tags: [],
        reads: [],
        keyLimit: undefined,
        methods: new Set(['GET', 'HEAD']),
      })
    })

    it('takes over what is said', () => {
      const options: CacheableOptions = {
        condition: hasRole,
        unless: isPartial,
        statuses: [404, 301],
        mark: 'cached',
        refreshAhead: true,
        vary: ['Accept-Language'],
        visibility: 'user',
        staleWhileRevalidate: '10s',
        staleIfError: 60,
      }
      const rule = cacheable('dashboard:{user.id}', { ttl: '3m', options })
      expect(rule).to.deep.include({
        ttlMs: 180_000,
        statuses: new Set([200, 404, 301]),
        mark: 'cached',
        vary: ['accept-language'],
        visibility: 'user',
        staleWhileRevalidateMs: 10_000,
        staleIfErrorMs: 60_000,
      })
      expectBoth(rule)
    })

    it('throws where an option gives a promise, whose rejection ends nothing', () => {
      const later = (() => Promise.reject(new Error('later'))) as never
      const { condition, unless } = cacheable('a', { options: { condition: later, unless: later } })
      for (const [option, ask] of Object.entries({ condition, unless })) {
        const error = thrown(() => ask?.({} as never, {} as never))
        expect(error.code).to.equal('E_CACHE_OPTION')
        expect(error.message).to.include(`UserController.getUser: the option '${option}' gave a promise`)
      }
    })

    it('keeps entries for the longer of the two grace periods', () => {
      const grace = (options: CacheableOptions) => cacheable('a', { options }).graceMs
      expect(grace({ staleWhileRevalidate: 5, staleIfError: 60 })).to.equal(60_000)
      expect(grace({ staleWhileRevalidate: 90, staleIfError: 60 })).to.equal(90_000)
    })

    it('caps its keys by what they all begin with', () => {
      const capOf = (key: string) => cacheable(key, { options: { maxKeys: 50 } }).keyLimit
      expect(capOf('search:{query.q}:{query.page|1}')).to.deep.equal({ prefix: 'search:', maxKeys: 50 })
      expect(capOf('reports:sales:{query.from|00:00}')?.prefix).to.equal('reports:sales:')
      expect(capOf('user{id}:x')?.prefix).to.equal('user')
      expect(capOf('{id}:x')?.prefix).to.equal('')
      expect(capOf('health')?.prefix).to.equal('health')
    })

    it('takes the key limit of its class, with the prefix of its class, unless it has its own', () => {
      const classConfig: CacheConfigOptions = { keyPrefix: 'crm:', maxKeys: 100 }
      const capOf = (options: CacheableOptions) =>
        cacheable('search:{query.q}', { classConfig, options }).keyLimit
      expect(capOf({})).to.deep.equal({ prefix: 'crm:search:', maxKeys: 100 })
      expect(capOf({ maxKeys: 7 })).to.deep.equal({ prefix: 'crm:search:', maxKeys: 7 })
    })

    it('answers requests with a body only if the key names the body', () => {
      expect(cacheable('search:{body.text}').methods).to.deep.equal(new Set(['POST', 'QUERY']))
    })

    it('prefers its own TTL to the class, and the class to the default', () => {
      const classConfig = { ttl: '2m' }
      expect(cacheable('a', { ttl: 7, classConfig }).ttlMs).to.equal(7_000)
      expect(cacheable('a', { classConfig }).ttlMs).to.equal(120_000)
      expect(cacheable('a').ttlMs).to.equal(300_000)
    })

    it('prefers its own options to those of the class, one by one', () => {
      const classConfig: CacheConfigOptions = { mark: 'ofClass', vary: ['x-class'], statuses: [404] }
      const rule = cacheable('a', { classConfig, options: { mark: 'own' } })
      expect(rule).to.deep.include({ mark: 'own', vary: ['x-class'], statuses: new Set([200, 404]) })
    })

    it('puts the prefix of the class in front of its key', () => {
      expect(cacheable('user:{id}', { classConfig: { keyPrefix: 'crm:' } }).key).to.equal('crm:user:{id}')
    })

    it('takes values from the request, not from an answer or an event', () => {
      const key = 'k:{id}:{params.a}:{query.a}:{body.a}:{headers.a}:{cookies.a}:{user.a}'
      expect(cacheable(key).template.placeholders).to.have.length(7)
      for (const placeholder of ['{result.id}', '{data.id}']) {
        const error = thrown(() => cacheable(`user:${placeholder}`))
        expect(error.code).to.equal('E_CACHE_SOURCE')
        expect(error.where).to.equal('UserController.getUser')
        expect(error.message).to.include(
          `'user:${placeholder}' takes ${placeholder} from where nothing can be known`,
        )
        expect(error.mend).to.include('{id}, {params.…}, {query.…}').and.not.include('{result.…}')
      }
    })

    it('demands that a key for one user names the user, and that one for anyone does not', () => {
      const ofUser = thrown(() => cacheable('tasks:{id}', { options: { visibility: 'user' } }))
      expect(ofUser).to.include({ code: 'E_CACHE_VISIBILITY', where: 'UserController.getUser' })
      expect(ofUser.message).to.include(`the key 'tasks:{id}' does not name the user`)
      expect(ofUser.mend).to.include('{user.id}')

      const ofAll = thrown(() => cacheable('tasks:{user.id}', { options: { visibility: 'public' } }))
      expect(ofAll.code).to.equal('E_CACHE_VISIBILITY')
      expect(ofAll.message).to.include(`the key 'tasks:{user.id}' names the user`)

      const unknown = thrown(() => cacheable('tasks:{id}', { options: { visibility: 'private' } }))
      expect(unknown.code).to.equal('E_CACHE_VISIBILITY')
      expect(unknown.message).to.include(`'private' is no visibility`)
    })

    it('judges the visibility that the class gives as if it were its own', () => {
      const classConfig: CacheConfigOptions = { visibility: 'user' }
      expect(thrown(() => cacheable('tasks:{id}', { classConfig })).code).to.equal('E_CACHE_VISIBILITY')
      expect(cacheable('tasks:{user.id}', { classConfig }).visibility).to.equal('user')
    })

    for (const status of [0, 99, 100, 199, 600, 200.5, Number.NaN, '404', null]) {
      it(`refuses ${JSON.stringify(status)} as a status to store`, () => {
        const error = thrown(() => cacheable('a', { options: { statuses: [404, status] } }))
        expect(error.code).to.equal('E_CACHE_OPTION')
        expect(error.message).to.include(`'statuses' has ${status}, which is no final HTTP status`)
      })
    }

    it('refuses a wrong key, TTL and grace period, each with its own code and the place', () => {
      const errors = [
        thrown(() => cacheable('user:{')),
        thrown(() => cacheable('user:*')),
        thrown(() => cacheable('user:{id}', { ttl: '5 apples' })),
        thrown(() => cacheable('user:{id}', { classConfig: { ttl: -1 } })),
        thrown(() => cacheable('user:{id}', { options: { staleIfError: 0 } })),
        thrown(() => cacheable('user:{id}', { options: { staleWhileRevalidate: 'soon' } })),
        thrown(() => cacheable(undefined as unknown as string, { classConfig: { keyPrefix: 'crm:' } })),
      ]
      expect(errors.map(({ code }) => code)).to.deep.equal([
        'E_CACHE_TEMPLATE',
        'E_CACHE_TEMPLATE',
        'E_CACHE_TTL',
        'E_CACHE_TTL',
        'E_CACHE_TTL',
        'E_CACHE_TTL',
        'E_CACHE_TEMPLATE',
      ])
      for (const error of errors) expect(error.where).to.equal('UserController.getUser')
      expect(errors[4]?.message).to.include('the staleIfError 0 is not a positive duration')
    })

    it('is refused on a method that handles events', () => {
      const error = thrown(() => cacheable('user:{id}', { isEventHandler: true }))
      expect(error.code).to.equal('E_CACHE_RULE_CONFLICT')
      expect(error.message).to.include('@Cacheable stands on a method with @OnEvent')
    })
  })

  describe('of @CachePut', () => {
    it('may take values from the answer', () => {
      expect(put('user:{result.id}:{user.id}').template.placeholders).to.have.length(2)
      expect(thrown(() => put('user:{data.id}')).code).to.equal('E_CACHE_SOURCE')
    })

    it('takes TTL, prefix, condition and unless from the class', () => {
      const classConfig: CacheConfigOptions = {
        ttl: 60,
        keyPrefix: 'crm:',
        condition: hasRole,
        unless: isPartial,
      }
      const rule = put('user:{result.id}', { classConfig })
      expect(rule).to.include({ kind: 'put', key: 'crm:user:{result.id}', ttlMs: 60_000 })
      expectBoth(rule)
    })

    it('must begin with fixed text', () => {
      for (const key of ['{result.id}', '{result.id}:user', 'u{result.id}:x']) {
        const error = thrown(() => put(key))
        expect(error.code).to.equal('E_CACHE_TEMPLATE')
        expect(error.message).to.include(`'${key}' of a put begins with a placeholder`)
      }
    })

    it('is refused on a method that handles events', () => {
      expect(thrown(() => put('user:{result.id}', { isEventHandler: true })).code).to.equal(
        'E_CACHE_RULE_CONFLICT',
      )
    })
  })

  describe('of @CacheEvict', () => {
    it('takes one pattern or several, with the prefix of the class', () => {
      const texts = (rule: EvictRule) => rule.patterns.map(({ text }) => text)
      const classConfig = { keyPrefix: 'crm:' }
      expect(texts(evict('user:{id}'))).to.deep.equal(['user:{id}'])
      expect(texts(evict(['user:{result.id}', 'users:*'], { classConfig }))).to.deep.equal([
        'crm:user:{result.id}',
        'crm:users:*',
      ])
    })

    it('is crashSafe as the cache says unless it says so itself, and never for an event', () => {
      const [safe, unsafe] = [{ crashSafe: true }, { crashSafe: false }]
      expect(evict('a').crashSafe).to.equal(undefined)
      expect(evict('a', { options: unsafe }).crashSafe).to.equal(false)
      expect(evict(['row:{result.id}', 'rows:*'], { options: safe }).crashSafe).to.equal(true)
      expect(evict('row:{result.id}', { options: { ...safe, tags: 'row:{id}' } }).crashSafe).to.equal(true)
      expect(put('row:{id}', { options: { ...safe, tags: 'row:{result.id}' } }).crashSafe).to.equal(true)
      expect(evict('a', { isEventHandler: true }).crashSafe).to.equal(false)
    })

    it('refuses crashSafe where nothing can be told ahead', () => {
      const options = { crashSafe: true }
      const refused = [
        () => evict('row:{result.id}', { options }),
        () => put('row:{result.id}', { options }),
        () => evict('a', { options, isEventHandler: true }),
        () => evict('row:{result.id}', { options: { ...options, tags: 'row:{result.id}' } }),
      ]
      for (const resolve of refused) {
        expect(thrown(resolve))
          .to.include({ code: 'E_CACHE_OPTION' })
          .with.property('message')
          .match(/'crashSafe'/)
      }
    })

    it('evicts after the handler unless told to do it before as well', () => {
      expect(evict('a')).to.include({ before: false, condition: undefined })
      const rule = evict('a', { options: { before: true, condition: hasRole } })
      expect(rule.before).to.equal(true)
      expectCondition(rule)
    })

    it('does not take the condition of the class, which is about using the cache for an answer', () => {
      expect(evict('a', { classConfig: { condition: () => false } }).condition).to.equal(undefined)
    })

    for (const patterns of [[], undefined, null, 5, {}]) {
      it(`refuses ${JSON.stringify(patterns)} for patterns`, () => {
        const error = thrown(() => evict(patterns as unknown as string[]))
        expect(error).to.include({ code: 'E_CACHE_PATTERN', where: 'UserController.getUser' })
        expect(error.message).to.include('there is no pattern to evict')
      })
    }

    it('refuses a wrong pattern among right ones', () => {
      for (const pattern of ['user:1*', '', undefined, 5]) {
        const error = thrown(() => evict(['users:*', pattern as string]))
        expect(error.code, String(pattern)).to.equal('E_CACHE_PATTERN')
      }
    })

    it('takes values from the event on an event handler, and from the request elsewhere', () => {
      expect(evict('user:{data.id}:{result.x}', { isEventHandler: true }).patterns).to.have.length(1)
      expect(thrown(() => evict('user:{data.id}')).code).to.equal('E_CACHE_SOURCE')
      for (const placeholder of ['{id}', '{query.id}', '{user.id}']) {
        const error = thrown(() => evict(`user:${placeholder}`, { isEventHandler: true }))
        expect(error.code).to.equal('E_CACHE_SOURCE')
        expect(error.mend).to.equal('Here a placeholder may be {data.…}, {result.…}.')
      }
    })

    it('refuses a condition on an event handler, which has no request to ask', () => {
      const error = thrown(() => evict('a', { isEventHandler: true, options: { condition: () => true } }))
      expect(error.code).to.equal('E_CACHE_OPTION')
      expect(error.message).to.include(`'condition' of @CacheEvict asks a request`)
    })
  })
})
