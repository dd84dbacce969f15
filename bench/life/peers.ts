import type { RequestHandler } from 'express'
import type { Redis } from 'ioredis'
import { peers } from '../hits/installed-peers.js'
import { TIER_BYTES, TTL_SECONDS } from './ours.js'
import { keyedApp, lifeApp, plainRoutes, type Subject } from './subject.js'
import { pathOf, shownIn, type Value } from './things.js'

/** Over the client that it was written for, since with later ones it stores nothing. It knows entries by their URLs. */
export const apicache: Subject = {
  name: 'apicache',
  async start(means) {
    interface Module {
      readonly default: {
        options(options: { redisClient: object }): {
          middleware(duration: string): RequestHandler
          clear(target: string): void
        }
      }
    }
    interface RedisModule {
      readonly default: { createClient(options: { url: string }): object }
    }
    const { default: apicache } = await peers.load<Module>('apicache')
    const { default: redis } = await peers.load<RedisModule>('redis')
    const cache = apicache.options({ redisClient: redis.createClient({ url: means.redisUrl }) })
    const { thing, list, write } = plainRoutes({
      ...means,
      async write(id) {
        const written = await means.write(id)
        for (const key of shownIn(id)) cache.clear(pathOf(key))
        return written
      },
    })
    const cached = cache.middleware('1 hour')
    return lifeApp({ thing: [cached as never, thing], list: [cached as never, list], write: [write] })
  },
}

/** Without a tier in the process, which nobody would tell of what others have written. */
export const cacheManager: Subject = {
  name: 'cache-manager',
  async start(means) {
    interface Module {
      createCache(options: { stores: object[]; ttl: number }): {
        wrap(key: string, load: () => Promise<Value>): Promise<Value>
        mdel(keys: string[]): Promise<unknown>
      }
    }
    interface KeyvModule {
      createKeyv(url: string): object
    }
    const { createCache } = await peers.load<Module>('cache-manager')
    const { createKeyv } = await peers.load<KeyvModule>('@keyv/redis')
    const cache = createCache({ stores: [createKeyv(means.redisUrl)], ttl: TTL_SECONDS * 1_000 })
    return keyedApp(means, {
      read: (name, load) => cache.wrap(name, load),
      evict: (names) => cache.mdel(names),
    })
  },
}

/** Two tiers, and the bus that tells the other processes what has gone. */
export const bentocache: Subject = {
  name: 'bentocache with its bus',
  async start(means) {
    interface Store {
      useL1Layer(driver: object): Store
      useL2Layer(driver: object): Store
      useBus(driver: object): Store
    }
    interface Module {
      bentostore(): Store
      readonly BentoCache: new (options: {
        default: 'tiers'
        stores: { tiers: object }
      }) => {
        getOrSet(options: { key: string; ttl: string; factory: () => Promise<Value> }): Promise<Value>
        deleteMany(options: { keys: string[] }): Promise<unknown>
      }
    }
    interface MemoryModule {
      memoryDriver(options: { maxSize: number }): object
    }
    interface RedisModule {
      redisDriver(options: { connection: Redis }): object
      redisBusDriver(options: { connection: { host: string; port: number } }): object
    }
    const { BentoCache, bentostore } = await peers.load<Module>('bentocache')
    const { memoryDriver } = await peers.load<MemoryModule>('bentocache/drivers/memory')
    const { redisDriver, redisBusDriver } = await peers.load<RedisModule>('bentocache/drivers/redis')
    const { hostname, port } = new URL(means.redisUrl)
    const tiers = bentostore()
      .useL1Layer(memoryDriver({ maxSize: TIER_BYTES }))
      .useL2Layer(redisDriver({ connection: await connectPeer(means.redisUrl) }))
      .useBus(redisBusDriver({ connection: { host: hostname, port: Number(port) } }))
    const cache = new BentoCache({ default: 'tiers', stores: { tiers } })
    return keyedApp(means, {
      read: (key, factory) => cache.getOrSet({ key, ttl: '1h', factory }),
      evict: (keys) => cache.deleteMany({ keys }),
    })
  },
}

export const typeCacheable: Subject = {
  name: 'type-cacheable',
  async start(means) {
    interface Module {
      Cacheable(options: { cacheKey: (args: unknown[]) => string; ttlSeconds: number }): MethodDecorator
      CacheClear(options: { cacheKey: (args: unknown[]) => string[] }): MethodDecorator
    }
    interface AdapterModule {
      useAdapter(client: Redis): void
    }
    const { Cacheable, CacheClear } = await peers.load<Module>('@type-cacheable/core')
    const { useAdapter } = await peers.load<AdapterModule>('@type-cacheable/ioredis-adapter')
    useAdapter(await connectPeer(means.redisUrl))
    class Things {
      @Cacheable({ cacheKey: ([name]) => name as string, ttlSeconds: TTL_SECONDS })
      async read(_name: string, load: () => Promise<Value>): Promise<Value> {
        return load()
      }

      @CacheClear({ cacheKey: ([names]) => names as string[] })
      async evict(_names: string[]): Promise<void> {}
    }
    return keyedApp(means, new Things())
  },
}

/** With the major version of ioredis that the peers ask for. */
async function connectPeer(redisUrl: string): Promise<Redis> {
  const { Redis } = await peers.load<typeof import('ioredis')>('ioredis')
  return new Redis(redisUrl)
}
