import { expect } from 'chai'
import { CacheConfig } from '#src/decorators/cache-config.js'
import { CacheEvict } from '#src/decorators/cache-evict.js'
import { CachePut } from '#src/decorators/cache-put.js'
import { Cacheable } from '#src/decorators/cacheable.js'
import { declarationsOf, type UniversalMethodDecorator } from '#src/decorators/metadata.js'
import { OnEvent } from '#src/decorators/on-event.js'
import { readController } from '#src/decorators/read-controller.js'
import { CacheError } from '#src/errors.js'

const METHOD_DECORATORS: Readonly<Record<string, UniversalMethodDecorator>> = {
  Cacheable: Cacheable('user:{id}', 5),
  CachePut: CachePut('user:{result.id}'),
  CacheEvict: CacheEvict('user:{id}'),
  OnEvent: OnEvent('user.events', 'USER_CREATED'),
}

/** The keys and patterns of one method's rules. */
function rulesOf(controller: object, method: string): readonly string[] {
  const { rules = [] } = readController(controller, 300, 'cache.handlers()').get(method) ?? {}
  return rules.flatMap((rule) =>
    rule.kind === 'evict' ? rule.patterns.map(({ text }) => `evict ${text}`) : [`${rule.kind} ${rule.key}`],
  )
}

/** Somebody else's decorator. */
function logged(_method: unknown, _context: ClassMethodDecoratorContext): void {}

describe('TC39 decorators', () => {
  it('record what they are given, and leave the method as it is', () => {
    const condition = () => true
    class Users {
      @Cacheable('user:{id}', '5m', { condition })
      getUser() {
        return 'the user'
      }
    }
    expect(declarationsOf(Users, 'getUser')).to.deep.equal([
      { kind: 'cacheable', key: 'user:{id}', ttl: '5m', options: { condition } },
    ])
    expect(new Users().getUser()).to.equal('the user')
  })

  it('stack, and keep methods apart', () => {
    class Users {
      @CacheEvict('users:*')
      @logged
      @CachePut('user:{result.id}')
      create() {}
      @Cacheable('user:{id}')
      getUser() {}
      plain() {}
    }
    expect(rulesOf(new Users(), 'create')).to.have.members(['evict users:*', 'put user:{result.id}'])
    expect(rulesOf(new Users(), 'getUser')).to.deep.equal(['cacheable user:{id}'])
    expect(rulesOf(new Users(), 'plain')).to.deep.equal([])
  })

  it('record the events a method handles', () => {
    class UserEvents {
      @OnEvent('user.events', 'USER_CREATED')
      @CacheEvict('user:{data.id}')
      onCreated() {}
    }
    const method = readController(new UserEvents(), 300, 'cache.subscribe()').get('onCreated')
    expect(method?.events).to.deep.equal([
      { kind: 'event', topic: 'user.events', eventType: 'USER_CREATED', options: {} },
    ])
    expect(rulesOf(new UserEvents(), 'onCreated')).to.deep.equal(['evict user:{data.id}'])
  })

  it('pass to a subclass with the method, and not to an override without decorators', () => {
    class Base {
      @Cacheable('a:{id}')
      inherited() {}
      @Cacheable('b:{id}')
      overridden() {}
    }
    class Plain extends Base {
      override overridden() {}
    }
    class WithOwnRules extends Base {
      override overridden() {}
      @CacheEvict('b:{id}')
      own() {}
    }
    class WithOthersDecorators extends Base {
      @logged
      override overridden() {}
    }
    @CacheConfig({ ttl: 5 })
    class Configured extends Base {
      override overridden() {}
    }
    for (const Sub of [Plain, WithOwnRules, WithOthersDecorators, Configured]) {
      expect(rulesOf(new Sub(), 'inherited'), Sub.name).to.deep.equal(['cacheable a:{id}'])
      expect(rulesOf(new Sub(), 'overridden'), Sub.name).to.deep.equal([])
    }
    expect(rulesOf(new WithOwnRules(), 'own')).to.deep.equal(['evict b:{id}'])
    expect(rulesOf(new Base(), 'overridden')).to.deep.equal(['cacheable b:{id}'])
  })

  it('let a subclass add to what it inherits without changing it there', () => {
    class Base {
      @Cacheable('a:{id}')
      getA() {}
    }
    class Sub extends Base {
      @CacheEvict('a:{id}')
      override getA() {}
    }
    expect(rulesOf(new Base(), 'getA')).to.deep.equal(['cacheable a:{id}'])
    expect(rulesOf(new Sub(), 'getA')).to.deep.equal(['evict a:{id}'])
  })

  it('inherit the configuration of a class, the nearest winning option by option', () => {
    @CacheConfig({ keyPrefix: 'base:', ttl: 60 })
    class Base {
      @Cacheable('a:{id}')
      getA() {}
    }
    @CacheConfig({ keyPrefix: 'sub:' })
    class Sub extends Base {}

    expect(rulesOf(new Base(), 'getA')).to.deep.equal(['cacheable base:a:{id}'])
    expect(rulesOf(new Sub(), 'getA')).to.deep.equal(['cacheable sub:a:{id}'])
    const [rule] = readController(new Sub(), 300, 'cache.handlers()').get('getA')?.rules ?? []
    expect(rule).to.have.property('ttlMs', 60_000)
  })

  for (const [name, decorator] of Object.entries(METHOD_DECORATORS)) {
    const misuses: readonly [what: string, where: string, apply: () => unknown][] = [
      [
        'a static method',
        'find',
        () =>
          class {
            @decorator
            static find() {}
            plain() {}
          },
      ],
      [
        'a private method',
        '#find',
        () =>
          class {
            @decorator
            #find() {}
            find = () => this.#find()
          },
      ],
      [
        'a method named by a symbol',
        'Symbol(find)',
        () =>
          class {
            @decorator
            [Symbol('find')]() {}
          },
      ],
      [
        'a field',
        'find',
        () =>
          class {
            // @ts-expect-error: the types refuse it as well.
            @decorator
            find = () => {}
          },
      ],
      [
        'a getter',
        'find',
        () =>
          class {
            // @ts-expect-error: the types refuse it as well.
            @decorator
            get find() {
              return 1
            }
          },
      ],
    ]
    for (const [what, where, apply] of misuses) {
      it(`refuse ${what} under @${name}`, () => {
        expect(apply)
          .to.throw(CacheError, `@${name} stands on something that is not an instance method`)
          .that.includes({ code: 'E_CACHE_DECORATOR', where })
      })
    }
  }

  it('refuse a method under @CacheConfig', () => {
    expect(
      () =>
        class {
          // @ts-expect-error: the types refuse it as well.
          @CacheConfig({ ttl: 5 })
          find() {}
        },
    )
      .to.throw(CacheError, '@CacheConfig stands on something that is not a class')
      .with.property('code', 'E_CACHE_DECORATOR')
  })
})
