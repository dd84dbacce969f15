import { randomBytes } from 'node:crypto'
import type { RequestListener } from 'node:http'
import { setImmediate as turn } from 'node:timers/promises'
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
  readonly isFront?: boolean
  /** Where the middleware in front of a shape stands. @defaultValue in the application */
  readonly ahead?: Ahead
  /** What it is compared with. @defaultValue `BARE` */
  readonly bare?: Mounted
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
  /** Once all that an exchange has led to is done, where that can be told. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Without the cache, what each mode is compared with. */
export const BARE: Mounted = {
  rule: undefined,
  listenerOf: (app) => app,
  ready: async () => {},
  settled: async () => {},
  close: async () => {},
}

/** In place of a cache that gives Redis up, which it does by a timer, an immediate and a promise: Node has phases. */
const BARE_LATE: Mounted = {
  ...BARE,
  rule: (_req, _res, next) => void setTimeout(() => turn().then(() => next()), 1),
}

/** So that a short answer can be larger than what is stored and held. */
const OPTIONS: CacheOptions = { maxBodyBytes: 65_536, externalKeys: ['shape'] }

/** How a mode is set up. */
interface Way extends Omit<Mode, 'open'> {
  readonly ruleOf: (cache: Cache) => RequestHandler
  readonly options?: CacheOptions
  /** What goes wrong with Redis once all is mounted. */
  readonly worsen?: (proxy: FaultProxy) => Promise<void>
}

const RECORD: Omit<Way, 'name'> = {
  kind: 'read',
  exchanges: 3,
  ruleOf: (cache) => cache.cacheable('shape', 60),
}
const FRONT: Omit<Way, 'name'> = {
  kind: 'read',
  exchanges: 5,
  ruleOf: (cache) => cache.cacheable('shape', 60, { visibility: 'public' }),
  isFront: true,
}
const HOLD: Omit<Way, 'name'> = { kind: 'write', exchanges: 2, ruleOf: (cache) => cache.evict('shape') }
const MEMORY = { maxBytes: 1_000_000, maxAgeMs: 10_000 }

const isSilent = { options: { deadlineMs: 20 }, worsen: (proxy: FaultProxy) => proxy.fault('blackhole') }
const isAway = { worsen: (proxy: FaultProxy) => proxy.fault('refuse') }

/** The modes that need no Redis. */
export const NEAR_MODES: readonly Mode[] = [
  near({ name: 'record', ...RECORD }),
  near({ name: 'front', ...FRONT }),
  near({ name: 'front, behind functions', ...FRONT, ahead: 'functions' }),
  near({ name: 'front, behind another application', ...FRONT, ahead: 'an application' }),
  near({ name: 'hold', ...HOLD }),
  near({ ...HOLD, name: 'put', ruleOf: (cache) => cache.put('shape', 60) }),
  near({ ...HOLD, name: 'barrier', ruleOf: behindBarrier }),
]

/** Those over Redis, and what that does meanwhile. */
export const FAR_MODES: readonly Mode[] = [
  far({ name: 'record, Redis', ...RECORD }),
  far({ name: 'record, process tier', ...RECORD, options: { memory: MEMORY } }),
  far({ name: 'record, Redis silent', ...RECORD, ...isSilent, bare: BARE_LATE }),
  far({ name: 'record, Redis away', ...RECORD, ...isAway }),
  far({ name: 'front, Redis', ...FRONT }),
  far({ name: 'front, process tier', ...FRONT, options: { memory: MEMORY } }),
  far({
    name: 'hold, Redis 20 ms away',
    ...HOLD,
    exchanges: 1,
    options: { deadlineMs: 5_000 },
    worsen: (proxy) => proxy.fault({ delayMs: 20 }),
  }),
  far({ name: 'hold, Redis silent', ...HOLD, exchanges: 1, ...isSilent }),
]

export const MODES: readonly Mode[] = [...NEAR_MODES, ...FAR_MODES]

/** Says its position a turn later, as a database does. */
class TurnLater extends FakeFollowedDatabase {
  override async position(withinMs: number): Promise<Position | null> {
    await turn()
    return super.position(withinMs)
  }
}

function behindBarrier(cache: Cache): RequestHandler {
  partsOf(cache).followed.add(new TurnLater(), {})
  return cache.barrier()
}

function near(way: Way): Mode {
  return { ...way, open: async () => mounted(way, createCache({ ...OPTIONS, logger: recordingLogger() })) }
}

function far(way: Way): Mode {
  const open = async (): Promise<Mounted> => {
    const { hostname: host, port } = new URL(process.env.REDIS_URL as string)
    const proxy = await startFaultProxy({ host, port: Number(port) })
    const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    const redis = { redis: proxy.url, keyPrefix, logger: recordingLogger() }
    const cache = createCache({ ...OPTIONS, ...redis, ...way.options })
    const { ready, close, ...rest } = mounted(way, cache)
    return {
      ...rest,
      async ready(app) {
        await ready(app)
        await way.worsen?.(proxy)
      },
      // An answer to what was asked later comes later.
      async settled() {
        if (!way.worsen) await cache.get('shape')
      },
      async close() {
        // Another process may have taken its port.
        if (way.worsen !== isAway.worsen) await proxy.heal()
        await close()
        await proxy.close()
      },
    }
  }
  return { ...way, open }
}

function mounted({ ruleOf, isFront }: Way, cache: Cache): Mounted {
  return {
    rule: ruleOf(cache),
    listenerOf: (app) => (isFront ? cache.front(app) : app),
    ready: (app) => cache.ready(app),
    settled: async () => {},
    close: () => cache.close(),
  }
}
