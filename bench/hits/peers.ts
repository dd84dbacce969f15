import type { RequestHandler } from 'express'
import type { Redis } from 'ioredis'
import { peers } from './installed-peers.js'
import { type Rows, type Size, TTL_SECONDS } from './items.js'
import { itemApp, type Subject } from './subject.js'

export const apicache: Subject = {
  name: 'apicache, memory',
  async start({ load }) {
    interface Module {
      readonly default: { middleware(duration: string): RequestHandler<{ size: Size }> }
    }
    const { default: cache } = await peers.load<Module>('apicache')
    return itemApp(cache.middleware('1 hour'), ({ params }, res) => void res.json(load(params.size)))
  },
}

/** Without the serialization of Keyv, which its guide leaves to the user. */
export const cacheManager: Subject = {
  name: 'cache-manager, memory',
  async start({ load }) {
    interface Module {
      createCache(options: { stores: object[] }): {
        wrap(key: string, load: () => Rows, ttlMs: number): Promise<Rows>
      }
    }
    interface KeyvModule {
      readonly Keyv: new (options: { serialize: undefined; deserialize: undefined }) => object
    }
    const { createCache } = await peers.load<Module>('cache-manager')
    const { Keyv } = await peers.load<KeyvModule>('keyv')
    const cache = createCache({ stores: [new Keyv({ serialize: undefined, deserialize: undefined })] })
    return itemApp(async ({ params: { size } }, res) => {
      res.json(await cache.wrap(`item:${size}`, () => load(size), TTL_SECONDS * 1_000))
    })
  },
}

/** Its hits come from the first tier, which keeps the rows as they are. */
export const bentocache: Subject = {
  name: 'bentocache, memory and Redis',
  async start({ redisUrl, load }) {
    interface Module {
      bentostore(): { useL1Layer(driver: object): { useL2Layer(driver: object): object } }
      readonly BentoCache: new (options: {
        default: 'tiers'
        stores: { tiers: object }
      }) => {
        getOrSet(options: { key: string; ttl: string; factory: () => Rows }): Promise<Rows>
      }
    }
    interface MemoryModule {
      memoryDriver(options: { maxItems: number; serialize: boolean }): object
    }
    interface RedisModule {
      redisDriver(options: { connection: Redis }): object
    }
    const { BentoCache, bentostore } = await peers.load<Module>('bentocache')
    const { memoryDriver } = await peers.load<MemoryModule>('bentocache/drivers/memory')
    const { redisDriver } = await peers.load<RedisModule>('bentocache/drivers/redis')
    const tiers = bentostore()
      .useL1Layer(memoryDriver({ maxItems: 1_000, serialize: false }))
      .useL2Layer(redisDriver({ connection: await connectPeer(redisUrl) }))
    const cache = new BentoCache({ default: 'tiers', stores: { tiers } })
    return itemApp(async ({ params: { size } }, res) => {
      res.json(await cache.getOrSet({ key: `item:${size}`, ttl: '1h', factory: () => load(size) }))
    })
  },
}

export const typeCacheable: Subject = {
  name: 'type-cacheable, Redis',
  async start({ redisUrl, load }) {
    interface Module {
      Cacheable(options: { cacheKey: (args: unknown[]) => string; ttlSeconds: number }): MethodDecorator
    }
    interface AdapterModule {
      useAdapter(client: Redis): void
    }
    const { Cacheable } = await peers.load<Module>('@type-cacheable/core')
    const { useAdapter } = await peers.load<AdapterModule>('@type-cacheable/ioredis-adapter')
    useAdapter(await connectPeer(redisUrl))
    class Items {
      @Cacheable({ cacheKey: ([size]) => `item:${size}`, ttlSeconds: TTL_SECONDS })
      async find(size: Size): Promise<Rows> {
        return load(size)
      }
    }
    const items = new Items()
    return itemApp(async ({ params }, res) => {
      res.json(await items.find(params.size))
    })
  },
}

/** With the major version of ioredis that the peers ask for. */
async function connectPeer(redisUrl: string): Promise<Redis> {
  const { Redis } = await peers.load<typeof import('ioredis')>('ioredis')
  return new Redis(redisUrl)
}
