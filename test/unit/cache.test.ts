import { expect } from 'chai'
import { type Cache, createCache } from '#src/cache.js'
import { CacheConfig } from '#src/decorators/cache-config.js'
import { CacheEvict } from '#src/decorators/cache-evict.js'
import { Cacheable } from '#src/decorators/cacheable.js'
import { OnEvent } from '#src/decorators/on-event.js'
import type { CacheEvent } from '#src/engine/cache-event.js'
import type { BusEvent, EventBus } from '#src/events/bus.js'
import { createMemoryBus } from '#src/events/memory-bus.js'
import { recordingLogger } from '../support/recording-logger.js'
import { eventForTests } from './events/event-for-tests.js'
import { rejection, thrown } from './thrown.js'

describe('Cache', () => {
  let cache: Cache
  let events: CacheEvent[]
  const logger = recordingLogger()

  beforeEach(() => {
    cache = createCache({ logger })
    events = []
    cache.observe((event) => events.push(event))
  })

  afterEach(() => cache.close())

  describe('get and set', () => {
    it('keep JSON values under their key', async () => {
      for (const value of [{ id: 1 }, [1, 'a'], 'text', 'é"\\', 0, -1.5, false, '', {}, []]) {
        expect(await cache.set('k', value)).to.equal(true)
        expect(await cache.get('k'), JSON.stringify(value)).to.deep.equal(value)
      }
      expect(await cache.get('other')).to.equal(null)
    })

    it('do not store what has no JSON', async () => {
      for (const value of [undefined, () => 1, Symbol('a')]) {
        expect(await cache.set('k', value), String(value)).to.equal(false)
      }
      expect(await cache.get('k')).to.equal(null)
    })

    it('refuse what cannot be said in JSON, and keep the cause', async () => {
      const cycle: Record<string, unknown> = {}
      cycle.self = cycle
      const late = Promise.reject(new Error('late'))
      expect((await rejection(cache.set('user:1', late))).message).to.include('the value is a promise')
      for (const value of [cycle, 1n, { id: 1n }]) {
        const error = await rejection(cache.set('user:1', value))
        expect(error.code).to.equal('E_CACHE_VALUE')
        expect(error.where).to.equal(`cache.set('user:1')`)
        expect(error.cause).to.be.an.instanceOf(TypeError)
      }
    })

    it('refuse a TTL that is none', async () => {
      const error = await rejection(cache.set('user:1', 1, '5 apples'))
      expect(error).to.include({ code: 'E_CACHE_TTL', where: `cache.set('user:1')` })
    })
  })

  it('removes by key and by glob, and says what it removed', async () => {
    for (const key of ['user:1', 'user:10', 'users:list:1']) await cache.set(key, key)
    expect(await cache.delete('user:1')).to.equal(true)
    expect(await cache.delete('user:1')).to.equal(false)
    expect(await cache.get('user:10')).to.equal('user:10')
    expect(await cache.deletePattern('user*')).to.equal(2)
    expect(await cache.get('user:10')).to.equal(null)
  })

  it('tells listeners every event until they end it', async () => {
    const others: CacheEvent[] = []
    const end = cache.observe((event) => others.push(event))
    await cache.delete('user:1')
    end()
    await cache.delete('user:2')
    expect(others).to.have.length(1)
    expect(events.map((event) => event.type === 'evict' && event.targets)).to.deep.equal([
      ['user:1'],
      ['user:2'],
    ])
  })

  it('has no client and is available with the in-process store', () => {
    expect(cache.redis).to.equal(null)
    expect(cache.status()).to.deep.equal({
      kind: 'memory',
      available: true,
      circuit: 'closed',
      owedEvictions: 0,
    })
    expect(cache.stats()).to.deep.include({
      requests: 0,
      store: { kind: 'memory', available: true, circuit: 'closed', owedEvictions: 0 },
    })
  })

  it('lists its rules, those of classes and those of functions', () => {
    @CacheConfig({ keyPrefix: 'crm:' })
    class Users {
      @Cacheable('user:{id}')
      getUser() {}
      @CacheEvict('user:{id}')
      putUser() {}
    }
    const handlers = cache.handlers(new Users())
    expect(handlers.getUser).to.have.length(2)
    cache.cacheable('plain:{id}', 5)
    cache.put('plain:{id}', 5)
    cache.evict(['plain:{id}', 'plain:*'])
    expect(cache.rules().map(({ kind, where }) => `${kind} ${where}`)).to.deep.equal([
      'cacheable Users.getUser',
      'evict Users.putUser',
      `cacheable cache.cacheable('plain:{id}')`,
      `put cache.put('plain:{id}')`,
      `evict cache.evict(["plain:{id}","plain:*"])`,
    ])
    cache.verify()
    const { rules } = cache.stats()
    expect(rules).to.deep.equal([
      { where: 'Users.getUser', key: 'crm:user:{id}', hits: 0, misses: 0, bypasses: 0 },
      { where: `cache.cacheable('plain:{id}')`, key: 'plain:{id}', hits: 0, misses: 0, bypasses: 0 },
    ])
  })

  it('finds mistakes between rules when it gets ready, and names the rule', async () => {
    cache.evict('users:*')
    const error = await rejection(cache.ready())
    expect(error.code).to.equal('E_CACHE_PATTERN_UNREACHABLE')
    expect(error.where).to.equal('cache.evict("users:*")')
    expect(thrown(() => cache.verify()).code).to.equal('E_CACHE_PATTERN_UNREACHABLE')
  })

  it('refuses a wrong rule where it is made', () => {
    expect(thrown(() => cache.cacheable('user:{id', 5)).where).to.equal(`cache.cacheable('user:{id')`)
    expect(thrown(() => cache.cacheable('user:{id}', '5 apples')).code).to.equal('E_CACHE_TTL')
    expect(thrown(() => cache.evict([])).code).to.equal('E_CACHE_PATTERN')
    expect(thrown(() => cache.put('{id}')).code).to.equal('E_CACHE_TEMPLATE')
    expect(cache.rules()).to.deep.equal([])
  })

  it('warms, and its log says so as the guide has it', async () => {
    const load = async () => Array.from({ length: 100 }, (_, index) => ({ id: index + 1 }))
    expect(await cache.warm({ key: 'customer:{id}', ttl: 600, load, name: 'customers' })).to.equal(100)
    expect(await cache.get('customer:100')).to.deep.equal({ id: 100 })
    expect(logger.at('info').slice(-2)).to.deep.equal([
      'Cache warming: 50 of 100 customers',
      'Cache warmed: 100 customers',
    ])
  })

  describe('subscribe', () => {
    class UserEvents {
      readonly created: unknown[] = []

      @OnEvent('user.events', 'USER_CREATED')
      @OnEvent('user.events', 'USER_IMPORTED')
      @CacheEvict(['user:{data.userId}', 'users:count'])
      onUser({ data }: BusEvent) {
        this.created.push(data.userId)
      }

      @Cacheable('users:count')
      count() {}
    }
    class TaskEvents {
      @OnEvent('user.events', 'USER_CREATED')
      @CacheEvict('tasks:user:{data.userId}:*')
      async onUser() {}
    }

    beforeEach(async () => {
      cache = createCache({
        logger,
        externalKeys: ['user:{id}', 'users:count', 'tasks:user:{id}:status:{status}'],
      })
      for (const key of ['user:7', 'user:8', 'users:count', 'tasks:user:7:status:open']) {
        await cache.set(key, 'old')
      }
    })

    const left = async () => {
      const keys = ['user:7', 'user:8', 'users:count', 'tasks:user:7:status:open']
      const values = await Promise.all(keys.map((key) => cache.get(key)))
      return keys.filter((_, index) => values[index] !== null)
    }

    it('calls the methods on their instance, and evicts what they say', async () => {
      const bus = createMemoryBus()
      const handlers = new UserEvents()
      await cache.subscribe(bus, [handlers, new TaskEvents()])
      await cache.ready()
      await bus.publish('user.events', eventForTests('USER_IMPORTED', { userId: 7 }))
      expect(await left()).to.deep.equal(['user:8', 'tasks:user:7:status:open'])
      await bus.publish('user.events', eventForTests('USER_CREATED', { userId: 7 }))
      expect(await left()).to.deep.equal(['user:8'])
      expect(handlers.created).to.deep.equal([7, 7])
    })

    it('verifies the patterns of events, and only those', async () => {
      const strict = createCache()
      await strict.subscribe(createMemoryBus(), new UserEvents())
      expect(strict.rules().map(({ kind }) => kind)).to.deep.equal(['evict'])
      expect(thrown(() => strict.verify()).where).to.equal('UserEvents.onUser')
    })

    it('tells once what looks wrong on this bus', async () => {
      const bus = createMemoryBus({ events: { 'user.events': { USER_CREATED: true } } })
      await cache.subscribe(bus, new UserEvents())
      await cache.subscribe(bus, new UserEvents())
      expect(logger.at('warn')).to.deep.equal([
        'UserEvents.onUser: nobody publishes USER_IMPORTED on user.events. user.events has USER_CREATED.',
      ])
    })

    it('hears in every process what asks for that', async () => {
      class LocalEvents {
        @OnEvent('user.events', 'USER_CREATED', { delivery: 'every-process' })
        @CacheEvict('user:{data.userId}')
        onUser() {}
      }
      const bus = createMemoryBus()
      const deliveries: unknown[] = []
      const watched: EventBus = {
        ...bus,
        subscribe(topic, handler, options) {
          deliveries.push(options?.delivery)
          return bus.subscribe(topic, handler, options)
        },
      }
      await cache.subscribe(watched, [new LocalEvents(), new TaskEvents()])
      expect(deliveries).to.deep.equal(['every-process', 'once'])
    })

    it('ends', async () => {
      const bus = createMemoryBus()
      const subscription = await cache.subscribe(bus, new UserEvents())
      await subscription.close()
      await bus.publish('user.events', eventForTests('USER_CREATED', { userId: 7 }))
      expect(await left()).to.have.length(4)
    })

    it('refuses handlers that handle nothing, and what is no instance', async () => {
      class Nothing {
        onUser() {}
      }
      const subscribe = async (handlers: object) => cache.subscribe(createMemoryBus(), handlers)
      const nothing = await rejection(subscribe(new Nothing()))
      expect(nothing).to.include({ code: 'E_CACHE_BUS', where: 'cache.subscribe(): Nothing' })
      expect(nothing.mend).to.include('@OnEvent(')
      const noInstance = await rejection(subscribe([UserEvents]))
      expect(noInstance).to.include({ code: 'E_CACHE_OPTION', mend: `Pass 'new UserEvents()'.` })
    })
  })
})
