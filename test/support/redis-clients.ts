import { createRequire } from 'node:module'
import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis'
import type { RedisClient } from '#src/clients/redis-client.js'
import { reconnectDelayMs } from '#src/stores/redis/connect-redis.js'
import type { Endpoint } from './redis-admin.js'

/** A client as an application would make it, with what tests have to know of it. */
export interface TestedClient {
  readonly client: RedisClient
  isReady(): boolean
  /** Ends it at once, whatever state it is in. */
  end(): void
}

/** One of the packages by which applications speak to Redis, in one of its versions. */
export interface ClientKind {
  readonly name: string
  /** Whether it hears messages on its one connection. */
  readonly speaksResp3: boolean
  /** Connects. */
  open(url: string, onTrouble?: (error: unknown) => void): TestedClient
  /** Does not connect before it is asked to. */
  openLazily(url: string, onTrouble?: (error: unknown) => void): TestedClient
  openCluster(nodes: readonly Endpoint[]): TestedClient
}

const IOREDIS: RedisOptions = {
  connectTimeout: 2_000,
  retryStrategy: (attempt) => reconnectDelayMs(attempt),
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResubscribe: false,
}
const ignore = () => {}

/** Nobody waits for packages that his test does not use: each takes some tenths of a second to load. */
const require = createRequire(import.meta.url)

interface IoredisModule {
  /** Missing before 5.2.5. */
  readonly Redis?: new (
    url: string,
    options: RedisOptions,
  ) => Redis
  readonly default: new (url: string, options: RedisOptions) => Redis
  readonly Cluster: new (nodes: readonly Endpoint[], options: ClusterOptions) => Cluster
}

function ioredis(
  name: string,
  load: () => IoredisModule,
  speaksResp3: boolean,
  options: Pick<RedisOptions, 'enableAutoPipelining'> = {},
): ClientKind {
  const openWith = (url: string, onTrouble: (error: unknown) => void, lazyConnect: boolean): TestedClient => {
    const module = load()
    const client = new (module.Redis ?? module.default)(url, { ...IOREDIS, ...options, lazyConnect })
    client.on('error', onTrouble)
    return { client, isReady: () => client.status === 'ready', end: () => client.disconnect() }
  }
  return {
    name,
    speaksResp3,
    open: (url, onTrouble = ignore) => openWith(url, onTrouble, false),
    openLazily: (url, onTrouble = ignore) => openWith(url, onTrouble, true),
    openCluster(nodes) {
      const client = new (load().Cluster)(
        nodes.map(({ host, port }) => ({ host, port })),
        options,
      )
      client.on('error', ignore)
      return { client, isReady: () => client.status === 'ready', end: () => client.disconnect() }
    },
  }
}

/** As far as the versions are the same. */
interface NodeRedisModule {
  createClient(options: object): NodeRedisClient
  createCluster(options: object): NodeRedisClient
}

type NodeRedisClient = RedisClient & {
  readonly isOpen: boolean
  readonly isReady?: boolean
  connect(): Promise<unknown>
  destroy(): void
}

function nodeRedis(name: string, load: () => NodeRedisModule, RESP: 2 | 3): ClientKind {
  const tested = (client: NodeRedisClient, onTrouble: (error: unknown) => void): TestedClient => {
    client.on('error', onTrouble)
    return {
      client,
      isReady: () => client.isOpen && client.isReady !== false,
      end() {
        if (client.isOpen) client.destroy()
      },
    }
  }
  const connected = (one: TestedClient): TestedClient => {
    one.client.connect().catch(ignore)
    return one
  }
  const openLazily: ClientKind['openLazily'] = (url, onTrouble = ignore) =>
    tested(load().createClient({ url, RESP, ...nodeRedisOptions() }), onTrouble)
  return {
    name,
    speaksResp3: RESP === 3,
    open: (url, onTrouble) => connected(openLazily(url, onTrouble)),
    openLazily,
    openCluster(nodes) {
      const rootNodes = nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` }))
      return connected(
        tested(load().createCluster({ rootNodes, RESP, defaults: nodeRedisOptions() }), ignore),
      )
    },
  }
}

/** Made for each client, which changes the options that it is given. */
function nodeRedisOptions() {
  const reconnectStrategy = (attempt: number) => reconnectDelayMs(attempt + 1)
  return { socket: { connectTimeout: 2_000, reconnectStrategy } }
}

const KINDS: readonly ClientKind[] = [
  ioredis('ioredis-6', () => require('ioredis'), true),
  ioredis('ioredis-6-auto-pipelining', () => require('ioredis'), true, { enableAutoPipelining: true }),
  nodeRedis('node-redis-6', () => require('redis'), 3),
  nodeRedis('node-redis-6-resp2', () => require('redis'), 2),
  nodeRedis('node-redis-5', () => require('redis-5'), 2),
  nodeRedis('node-redis-5-resp3', () => require('redis-5'), 3),
  ioredis('ioredis-5', () => require('ioredis-5'), false),
  ioredis('ioredis-5-0', () => require('ioredis-5-0'), false),
  ioredis('iovalkey', () => require('iovalkey'), false),
]
const HERE = ['ioredis-6', 'node-redis-6']

/** @throws where there is none of that name. */
export function clientKind(name: string): ClientKind {
  const kind = KINDS.find((each) => each.name === name)
  if (!kind) throw new Error(`no client '${name}' but ${KINDS.map((each) => each.name).join(', ')}`)
  return kind
}

/** All that there are. */
export function allClientKinds(): readonly ClientKind[] {
  return KINDS
}

/** Those of this run: of `REDIS_CLIENTS`, or two; all others take `npm run clients`. */
export function clientKinds(): readonly ClientKind[] {
  return (process.env.REDIS_CLIENTS?.split(',') ?? HERE).map(clientKind)
}

/** A suite for each client of this run. */
export function describeOnEachClient(
  name: string,
  tests: (this: Mocha.Suite, kind: ClientKind) => void,
): void {
  for (const kind of clientKinds()) {
    describe(`${name}, with ${kind.name},`, function () {
      tests.call(this, kind)
    })
  }
}
