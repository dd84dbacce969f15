import { expect } from 'chai'
import { CacheConfig } from '#src/decorators/cache-config.js'
import { CacheEvict } from '#src/decorators/cache-evict.js'
import { CachePut } from '#src/decorators/cache-put.js'
import { Cacheable } from '#src/decorators/cacheable.js'
import {
  classConfigOf,
  declarationsOf,
  methodNamesOf,
  type UniversalMethodDecorator,
} from '#src/decorators/metadata.js'
import { OnEvent } from '#src/decorators/on-event.js'
import { thrown } from '../thrown.js'

/** As JavaScript calls it, unchecked. */
type LooseDecorator = (target: unknown, key?: unknown, descriptor?: unknown) => void
const loose = (decorator: UniversalMethodDecorator | ReturnType<typeof CacheConfig>) =>
  decorator as unknown as LooseDecorator

const METHOD_DECORATORS: Readonly<Record<string, UniversalMethodDecorator>> = {
  Cacheable: Cacheable('user:{id}', 5),
  CachePut: CachePut('user:{result.id}'),
  CacheEvict: CacheEvict('user:{id}'),
  OnEvent: OnEvent('user.events', 'USER_CREATED'),
}

describe('legacy decorators', () => {
  it('record what they are given, and change neither the method nor the class', () => {
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
    expect(Object.getOwnPropertyNames(Users.prototype)).to.deep.equal(['constructor', 'getUser'])
  })

  it('stack', () => {
    class Users {
      @OnEvent('user.events', 'USER_CREATED')
      @OnEvent('user.events', 'USER_DELETED')
      @CacheEvict(['users:*', 'user:{data.id}'], { before: true })
      @CacheEvict('users:count')
      onUser() {}
    }
    expect(declarationsOf(Users, 'onUser')).to.have.deep.members([
      { kind: 'event', topic: 'user.events', eventType: 'USER_CREATED', options: {} },
      { kind: 'event', topic: 'user.events', eventType: 'USER_DELETED', options: {} },
      { kind: 'evict', patterns: ['users:*', 'user:{data.id}'], options: { before: true } },
      { kind: 'evict', patterns: 'users:count', options: {} },
    ])
  })

  it('keep the rules of classes and methods apart', () => {
    class Users {
      @Cacheable('user:{id}')
      get() {}
      @CachePut('user:{result.id}', 5)
      create() {}
      plain() {}
    }
    class Tasks {
      @Cacheable('task:{id}')
      get() {}
    }
    expect(declarationsOf(Users, 'get').map(({ kind }) => kind)).to.deep.equal(['cacheable'])
    expect(declarationsOf(Users, 'create').map(({ kind }) => kind)).to.deep.equal(['put'])
    expect(declarationsOf(Users, 'plain')).to.deep.equal([])
    expect(declarationsOf(Users, 'unknown')).to.deep.equal([])
    expect(declarationsOf(Tasks, 'get')).to.deep.equal([
      { kind: 'cacheable', key: 'task:{id}', ttl: undefined, options: {} },
    ])
  })

  it('pass to a subclass with the method, and not to an override without decorators', () => {
    class Base {
      @Cacheable('a:{id}')
      inherited() {}
      @Cacheable('b:{id}')
      overridden() {}
      @Cacheable('c:{id}')
      redecorated() {}
    }
    class Middle extends Base {}
    class Sub extends Middle {
      override overridden() {}
      @CacheEvict('c:{id}')
      override redecorated() {}
    }
    expect(declarationsOf(Sub, 'inherited')).to.have.length(1)
    expect(declarationsOf(Sub, 'overridden')).to.deep.equal([])
    expect(declarationsOf(Sub, 'redecorated').map(({ kind }) => kind)).to.deep.equal(['evict'])
    expect(declarationsOf(Base, 'overridden')).to.have.length(1)
    expect(declarationsOf(Base, 'redecorated').map(({ kind }) => kind)).to.deep.equal(['cacheable'])
  })

  for (const [name, decorator] of Object.entries(METHOD_DECORATORS)) {
    describe(`@${name}`, () => {
      const misuses: readonly [what: string, where: string, apply: () => void][] = [
        [
          'a static method',
          'Users.find',
          () => {
            class Users {
              @decorator
              static find() {}
              plain() {}
            }
            return Users
          },
        ],
        [
          'a getter',
          'Users.name',
          () => {
            class Users {
              @decorator
              get name() {
                return ''
              }
            }
            return Users
          },
        ],
        [
          'a method named by a symbol',
          'Users.Symbol(find)',
          () => {
            class Users {
              @decorator
              [Symbol('find')]() {}
            }
            return Users
          },
        ],
        ['a field', 'Users.find', () => loose(decorator)(class Users {}.prototype, 'find', undefined)],
        ['a class', 'Users', () => loose(decorator)(class Users {})],
      ]
      for (const [what, where, apply] of misuses) {
        it(`refuses ${what}`, () => {
          const error = thrown(apply)
          expect(error.code).to.equal('E_CACHE_DECORATOR')
          expect(error.where).to.equal(where)
          expect(error.message).to.include(`@${name} stands on something that is not an instance method`)
        })
      }
    })
  }
})

describe('@CacheConfig', () => {
  it('is merged down the classes, the nearest winning option by option', () => {
    @CacheConfig({ keyPrefix: 'base:', ttl: 60, mark: 'cached' })
    class Base {}
    class Middle extends Base {}
    @CacheConfig({ ttl: 5 })
    class Sub extends Middle {}

    expect(classConfigOf(Base)).to.deep.equal({ keyPrefix: 'base:', ttl: 60, mark: 'cached' })
    expect(classConfigOf(Middle)).to.deep.equal({ keyPrefix: 'base:', ttl: 60, mark: 'cached' })
    expect(classConfigOf(Sub)).to.deep.equal({ keyPrefix: 'base:', ttl: 5, mark: 'cached' })
    expect(classConfigOf(class Other {})).to.deep.equal({})
  })

  it('refuses to stand on a method', () => {
    class Users {
      static find() {}
      find() {}
    }
    const descriptor = Object.getOwnPropertyDescriptor(Users.prototype, 'find')
    for (const apply of [
      () => loose(CacheConfig({}))(Users.prototype, 'find', descriptor),
      () => loose(CacheConfig({}))(Users, 'find', descriptor),
      () => loose(CacheConfig({}))(Users.find, { kind: 'method', name: 'find' }),
    ]) {
      const error = thrown(apply)
      expect(error.code).to.equal('E_CACHE_DECORATOR')
      expect(error.message).to.include('@CacheConfig stands on something that is not a class')
    }
  })
})

describe('methodNamesOf', () => {
  it('lists own and inherited methods once, and no accessors, statics or constructors', () => {
    class Base {
      a() {}
      b() {}
    }
    class Sub extends Base {
      static s() {}
      override b() {}
      c() {}
      get d() {
        return 1
      }
    }
    expect(methodNamesOf(Sub).sort()).to.deep.equal(['a', 'b', 'c'])
  })
})

describe('TC39 decorators without class metadata', () => {
  it('are refused, as nothing could be recorded', () => {
    const context = { kind: 'method', name: 'getUser', static: false, private: false, metadata: undefined }
    const error = thrown(() => loose(Cacheable('user:{id}'))(() => {}, context))
    expect(error.code).to.equal('E_CACHE_DECORATOR')
    expect(error.where).to.equal('getUser')
    expect(error.message).to.include('the compiler gave @Cacheable no class metadata')
  })
})
