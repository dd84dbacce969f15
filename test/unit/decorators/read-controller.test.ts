import { expect } from 'chai'
import { CacheConfig } from '#src/decorators/cache-config.js'
import { CacheEvict } from '#src/decorators/cache-evict.js'
import { CachePut } from '#src/decorators/cache-put.js'
import { Cacheable } from '#src/decorators/cacheable.js'
import { OnEvent } from '#src/decorators/on-event.js'
import { readController } from '#src/decorators/read-controller.js'
import { thrown } from '../thrown.js'

const read = (controller: object) => readController(controller, 300, 'cache.handlers()')

/** The rules of one method, as kind and key or patterns. */
function rulesOf(controller: object, method: string): readonly string[] {
  return (read(controller).get(method)?.rules ?? []).map((rule) =>
    rule.kind === 'evict'
      ? `evict ${rule.patterns.map(({ text }) => text).join(' ')}`
      : `${rule.kind} ${rule.key} ${rule.ttlMs}`,
  )
}

describe('readController', () => {
  it('reads the rules of every method, and names class and method', () => {
    class Users {
      @Cacheable('user:{id}', 60)
      getUser() {}
      @CacheEvict(['user:{id}', 'users:*'])
      @CachePut('user:{result.id}')
      putUser() {}
      plain() {}
    }
    const users = new Users()
    expect([...read(users).keys()].sort()).to.deep.equal(['getUser', 'plain', 'putUser'])
    expect(rulesOf(users, 'getUser')).to.deep.equal(['cacheable user:{id} 60000'])
    expect(rulesOf(users, 'putUser')).to.have.members([
      'put user:{result.id} 300000',
      'evict user:{id} users:*',
    ])
    expect(read(users).get('plain')).to.deep.equal({ rules: [], events: [] })
    expect(read(users).get('getUser')?.rules[0]?.where).to.equal('Users.getUser')
  })

  it('reads the events a method handles', () => {
    class UserEvents {
      @OnEvent('user.events', 'USER_CREATED')
      @CacheEvict('user:{data.id}')
      onCreated() {}
    }
    const method = read(new UserEvents()).get('onCreated')
    expect(method?.events).to.deep.equal([
      { kind: 'event', topic: 'user.events', eventType: 'USER_CREATED', options: {} },
    ])
    expect(method?.rules).to.have.length(1)
  })

  it('applies the configuration of the class that is used to inherited methods too', () => {
    @CacheConfig({ keyPrefix: 'base:', ttl: '1m' })
    class Base {
      @Cacheable('user:{id}')
      getUser() {}
      @CacheEvict('user:{id}')
      putUser() {}
    }
    @CacheConfig({ keyPrefix: 'sub:' })
    class Sub extends Base {}

    expect(rulesOf(new Base(), 'getUser')).to.deep.equal(['cacheable base:user:{id} 60000'])
    expect(rulesOf(new Sub(), 'getUser')).to.deep.equal(['cacheable sub:user:{id} 60000'])
    expect(rulesOf(new Sub(), 'putUser')).to.deep.equal(['evict sub:user:{id}'])
    expect(read(new Sub()).get('getUser')?.rules[0]?.where).to.equal('Sub.getUser')
  })

  it('has no rule for an override without decorators', () => {
    class Base {
      @Cacheable('user:{id}')
      getUser() {}
    }
    class Sub extends Base {
      override getUser() {}
    }
    expect(rulesOf(new Sub(), 'getUser')).to.deep.equal([])
  })

  it('takes a field that holds a function for a method without rules', () => {
    class Users {
      readonly table = 'users'
      getUser = () => {}
    }
    expect([...read(new Users())]).to.deep.equal([['getUser', { rules: [], events: [] }]])
  })

  it('keeps the rules of a method that a test has replaced on the instance', () => {
    class Users {
      @Cacheable('user:{id}')
      getUser() {}
    }
    const users = Object.assign(new Users(), { getUser: () => {} })
    expect(rulesOf(users, 'getUser')).to.have.length(1)
  })

  it('refuses what is no instance of a class, and says what to pass', () => {
    class Users {}
    const wrong: readonly [controller: unknown, got: string, mend: string][] = [
      [Users, 'a class', `Pass 'new Users()'.`],
      [class {}, 'a class', `Pass 'new MyController()'.`],
      [{ getUser() {} }, 'a plain object', `Pass 'new MyController()'.`],
      [[new Users()], 'a plain object', `Pass 'new MyController()'.`],
      [Object.create(null), 'a plain object', `Pass 'new MyController()'.`],
      [undefined, 'undefined', `Pass 'new MyController()'.`],
      [null, 'null', `Pass 'new MyController()'.`],
      ['users', 'users', `Pass 'new MyController()'.`],
    ]
    for (const [controller, got, mend] of wrong) {
      const error = thrown(() => read(controller as object))
      expect(error).to.include({ code: 'E_CACHE_OPTION', where: 'cache.handlers()', mend })
      expect(error.message).to.include(`it got ${got}, not an instance of a class`)
    }
  })

  it('refuses two keys for one answer', () => {
    class Users {
      @Cacheable('user:{id}')
      @Cacheable('user:by-mail:{query.mail}')
      getUser() {}
    }
    const error = thrown(() => read(new Users()))
    expect(error).to.include({ code: 'E_CACHE_RULE_CONFLICT', where: 'Users.getUser' })
    expect(error.message).to.include('@Cacheable stands there twice')
  })

  it('refuses a read that is a write as well', () => {
    class Evicts {
      @Cacheable('user:{id}')
      @CacheEvict('user:{id}')
      getUser() {}
    }
    class Puts {
      @CachePut('user:{id}')
      @Cacheable('user:{id}')
      getUser() {}
    }
    for (const controller of [new Evicts(), new Puts()]) {
      const error = thrown(() => read(controller))
      expect(error.code).to.equal('E_CACHE_RULE_CONFLICT')
      expect(error.message).to.include('@Cacheable stands beside @CacheEvict or @CachePut')
    }
  })

  it('takes several writes on one method', () => {
    class Users {
      @CacheEvict('users:*')
      @CachePut('user:{result.id}')
      @CachePut('user:by-mail:{result.mail}')
      create() {}
    }
    expect(rulesOf(new Users(), 'create')).to.have.length(3)
  })

  it('refuses a key or a put on a method that handles events', () => {
    class Reads {
      @OnEvent('user.events', 'USER_CREATED')
      @Cacheable('user:{id}')
      onCreated() {}
    }
    class Puts {
      @CachePut('user:{result.id}')
      @OnEvent('user.events', 'USER_CREATED')
      onCreated() {}
    }
    for (const controller of [new Reads(), new Puts()]) {
      const error = thrown(() => read(controller))
      expect(error.code).to.equal('E_CACHE_RULE_CONFLICT')
      expect(error.where).to.equal(`${controller.constructor.name}.onCreated`)
    }
  })

  it('refuses an event without topic or type', () => {
    for (const [topic, eventType] of [
      ['', 'USER_CREATED'],
      ['user.events', ''],
      ['user.events', undefined],
    ]) {
      class Users {
        @OnEvent(topic as string, eventType as string)
        onCreated() {}
      }
      const error = thrown(() => read(new Users()))
      expect(error).to.include({ code: 'E_CACHE_BUS', where: 'Users.onCreated' })
      expect(error.message).to.include('@OnEvent has no topic or no type of event')
    }
  })

  it('takes no other delivery of events than there are', () => {
    class Users {
      @OnEvent('user.events', 'USER_CREATED', { delivery: 'twice' as 'once' })
      onCreated() {}
    }
    expect(thrown(() => read(new Users()))).to.include({
      code: 'E_CACHE_OPTION',
      where: 'Users.onCreated',
      mend: `Give 'once' or 'every-process'.`,
    })
  })

  it('names class and method for a mistake in a rule', () => {
    class Users {
      @Cacheable('user:{id', 60)
      getUser() {}
    }
    expect(thrown(() => read(new Users())).where).to.equal('Users.getUser')
    const Nameless = (() => class {})()
    Cacheable('user:{id', 60)(Object.assign(Nameless.prototype, { getUser() {} }), 'getUser', {
      value() {},
    })
    expect(thrown(() => read(new Nameless())).where).to.equal('a class without a name.getUser')
  })
})
