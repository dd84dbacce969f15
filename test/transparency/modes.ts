import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import type { Express, RequestHandler } from 'express'
import { type Cache, type CacheOptions, createCache } from 'express-cacheable'
import { partsOf } from '#src/cache-parts.js'
import type { Position } from '#src/dependencies/followed-database.js'
import { FakeFollowedDatabase } from '../support/fake-followed-database.js'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js'
import { recordingLogger } from '../support/recording-logger.js'

/** What is ahead of an application: functions on Node's own requests, or another application. */
export type Ahead = 'functions' | 'an application'

/** One way through the cache. */
export interface Mode {
  readonly name: string
  readonly kind: 'read' | 'write'
  /** How often the shape is asked, each time on a connection of its own. */
  readonly exchanges: number
  /** Where the middleware in front of a shape stands. @defaultValue in the application */
  readonly ahead?: Ahead
  /** A cache of its own for each run of a shape. */
  open(): Promise<Mounted>
}

/** The cache of one run. */
export interface Mounted {
  /** What stands before the shape's handler; none in a bare run. */
  readonly rule: RequestHandler | undefined
  listenerOf(app: Express): RequestListener
  /** Once all is mounted, and before the first request. */
  ready(app: Express): Promise<void>
  close(): Promise<void>
}

/** Without the cache, what each mode is compared with. */
export const BARE: Mounted = {
  rule: undefined,
  listenerOf: (app) => app,
  ready: async () => {},
  close: async () => {},
}

/** So that a short answer can be larger than what is stored and held. */
const OPTIONS: CacheOptions = { maxBodyBytes: 65_536, externalKeys: ['shape'] }

/** The modes that need no Redis. */
export const NEAR_MODES: readonly Mode[] = [
  near('record', 'read', 3, (cache) => cache.cacheable('shape', 60)),
  front('front'),
  front('front, behind functions', 'functions'),
  front('front, behind another application', 'an application'),
  near('hold', 'write', 2, (cache) => cache.evict('shape')),
  near('put', 'write', 2, (cache) => cache.put('shape', 60)),
  near('barrier', 'write', 2, behindBarrier),
]

/** What Redis does while answers are held. */
export const FAR_MODES: readonly Mode[] = [
  far('hold, Redis 20 ms away', { deadlineMs: 5_000 }, (proxy) => proxy.fault({ delayMs: 20 })),
  far('hold, Redis silent', { deadlineMs: 20 }, (proxy) => proxy.fault('blackhole')),
]

export const MODES: readonly Mode[] = [...NEAR_MODES, ...FAR_MODES]

/** Says its position a turn later, as a database does. */
class TurnLater extends FakeFollowedDatabase {
  override async position(withinMs: number): Promise<Position | null> {
    await setImmediate()
    return super.position(withinMs)
  }
}

function behindBarrier(cache: Cache): RequestHandler {
  partsOf(cache).followed.add(new TurnLater(), {})
  return cache.barrier()
}

function front(name: string, ahead?: Ahead): Mode {
  const mode = near(name, 'read', 5, (cache) => cache.cacheable('shape', 60, { visibility: 'public' }), true)
  return ahead ? { ...mode, ahead } : mode
}

function near(
  name: string,
  kind: Mode['kind'],
  exchanges: number,
  ruleOf: (cache: Cache) => RequestHandler,
  isFront = false,
): Mode {
  const open = async (): Promise<Mounted> => {
    const cache = createCache({ ...OPTIONS, logger: recordingLogger() })
    return {
      rule: ruleOf(cache),
      listenerOf: (app) => (isFront ? cache.front(app) : app),
      ready: (app) => cache.ready(app),
      close: () => cache.close(),
    }
  }
  return { name, kind, exchanges, open }
}

function far(name: string, options: CacheOptions, worsen: (proxy: FaultProxy) => Promise<void>): Mode {
  const open = async (): Promise<Mounted> => {
    const { hostname: host, port } = new URL(process.env.REDIS_URL as string)
    const proxy = await startFaultProxy({ host, port: Number(port) })
    const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    const cache = createCache({
      ...OPTIONS,
      redis: proxy.url,
      keyPrefix,
      logger: recordingLogger(),
      ...options,
    })
    return {
      rule: cache.evict('shape'),
      listenerOf: (app) => app,
      async ready(app) {
        await cache.ready(app)
        await worsen(proxy)
      },
      async close() {
        await proxy.heal()
        await cache.close()
        await proxy.close()
      },
    }
  }
  return { name, kind: 'write', exchanges: 1, open }
}
