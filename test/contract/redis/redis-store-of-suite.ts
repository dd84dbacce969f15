import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { Redis } from 'ioredis'
import type { RedisClient } from '#src/clients/redis-client.js'
import { CacheError, type CacheErrorCode } from '#src/errors.js'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import type { LookupOptions } from '#src/stores/store.js'
import { redisForTests } from '../../support/redis.js'
import type { ClientKind, TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'

export const NO_GRACE: LookupOptions = { leaseMs: 60_000, graceMs: 0 }
export const TTL_MS = 60_000
/** For tests in which nothing is late; the machine may be busy. */
export const DEADLINE_MS = 10_000

export const failOnTrouble = (error: unknown) => {
  throw error
}

export const newPrefix = () => `test-${randomUUID()}:`

export const nth = (id: number) => `user:${String(id).padStart(4, '0')}`

/**
 * Called in a suite, it gives each test a store on the shared Redis under a prefix of its own, and clears that away. The
 * store has a client of the kind that is tested; `client` looks at what lies there.
 */
export function redisStoreOfSuite(kind: ClientKind) {
  let url: string
  let client: Redis
  let tested: TestedClient
  let keyPrefix: string
  let store: RedisStore

  before(async function () {
    url = await redisForTests(this)
    client = connectRedis(url, { onTrouble: failOnTrouble })
    tested = kind.open(url, failOnTrouble)
    // It queues nothing.
    await until('a connection', () => client.status === 'ready')
  })
  after(async () => {
    tested?.end()
    await client?.quit()
  })

  beforeEach(async () => {
    keyPrefix = newPrefix()
    store = storeOn(tested.client)
    await store.ready()
  })
  afterEach(async () => {
    await store.close()
    await removeAll(client, keyPrefix)
  })

  const storeOn = (on: RedisClient, deadlineMs = DEADLINE_MS) =>
    new RedisStore({ client: on, keyPrefix, deadlineMs, ownsClient: false })
  const write = (key: string, text = key) => store.set(key, Buffer.from(text), TTL_MS)
  const writeMany = (count: number) => Promise.all(Array.from({ length: count }, (_, id) => write(nth(id))))
  const leaseOn = async (key: string, options = NO_GRACE) => {
    const found = await store.lookup(key, options)
    if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
    return found.lease
  }
  const index = () => `${keyPrefix}#index`
  const pages = async (on = client) => {
    const entries = await on.zrange(index(), '0', '-1')
    return entries.map((entry) => `${index()}:${entry.slice(-16)}`)
  }
  /** In the order of the index. */
  const listed = async (on = client) => {
    const keys = await Promise.all((await pages(on)).map((page) => on.zrange(page, '0', '-1')))
    return keys.flat()
  }

  return {
    get url() {
      return url
    },
    get client() {
      return client
    },
    /** Of the store. */
    get tested() {
      return tested.client
    },
    get keyPrefix() {
      return keyPrefix
    },
    get store() {
      return store
    },
    ...{ storeOn, write, writeMany, leaseOn, index, pages, listed },
  }
}

/** One of each, as far as they go to the server. */
export function operationsOf(store: RedisStore): (() => Promise<unknown>)[] {
  const value = Buffer.from('x')
  return [
    () => store.get('a'),
    () => store.lookup('a', NO_GRACE),
    () => store.fill('a', 'lease', value, TTL_MS),
    () => store.release('a', 'lease'),
    () => store.set('a', value, TTL_MS),
    () => store.fence('a'),
    () => store.put('a', 'fence', value, TTL_MS, 'replace'),
    () => store.evict([{ kind: 'key', key: 'a' }]),
  ]
}

export function expectUnavailable(operation: Promise<unknown>): Promise<void> {
  return expectCode(operation, 'E_CACHE_STORE_UNAVAILABLE')
}

export function expectRefused(operation: Promise<unknown>): Promise<void> {
  return expectCode(operation, 'E_CACHE_STORE_REFUSED')
}

async function expectCode(operation: Promise<unknown>, code: CacheErrorCode): Promise<void> {
  const outcome = await operation.then(
    () => 'it answered',
    (error: unknown) => error,
  )
  expect(outcome).to.be.instanceOf(CacheError).with.property('code', code)
}

export async function namesUnder(client: Redis, prefix: string): Promise<string[]> {
  const names: string[] = []
  for await (const found of client.scanStream({ match: `*${prefix}*`, count: 1_000 })) {
    names.push(...(found as string[]))
  }
  return names
}

export async function removeAll(client: Redis, prefix: string): Promise<void> {
  const names = await namesUnder(client, prefix)
  if (names.length > 0) await client.del(...names)
}
