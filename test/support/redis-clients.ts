import { Cluster, Redis, type RedisOptions } from 'ioredis'
import * as ioredis5 from 'ioredis-5'
import * as ioredis50 from 'ioredis-5-0'
import * as iovalkey from 'iovalkey'
import * as nodeRedis6 from 'redis'
import * as nodeRedis5 from 'redis-5'
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

interface IoredisModule {
  readonly Redis: new (url: string, options: RedisOptions) => Redis
  readonly Cluster: new (nodes: readonly Endpoint[]) => Cluster
}

function ioredis(
  name: string,
  { Redis: Client, Cluster: ClusterClient }: IoredisModule,
  speaksResp3: boolean,
): ClientKind {
  const openWith = (url: string, onTrouble: (error: unknown) => void, lazyConnect: boolean): TestedClient => {
    const client = new Client(url, { ...IOREDIS, lazyConnect })
    client.on('error', onTrouble)
    return { client, isReady: () => client.status === 'ready', end: () => client.disconnect() }
  }
  return {
    name,
    speaksResp3,
    open: (url, onTrouble = ignore) => openWith(url, onTrouble, false),
    openLazily: (url, onTrouble = ignore) => openWith(url, onTrouble, true),
    openCluster(nodes) {
      const client = new ClusterClient(nodes.map(({ host, port }) => ({ host, port })))
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

function nodeRedis(name: string, module: NodeRedisModule, RESP: 2 | 3): ClientKind {
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
    tested(module.createClient({ url, RESP, ...nodeRedisOptions() }), onTrouble)
  return {
    name,
    speaksResp3: RESP === 3,
    open: (url, onTrouble) => connected(openLazily(url, onTrouble)),
    openLazily,
    openCluster(nodes) {
      const rootNodes = nodes.map(({ host, port }) => ({ url: `redis://${host}:${port}` }))
      return connected(
        tested(module.createCluster({ rootNodes, RESP, defaults: nodeRedisOptions() }), ignore),
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
  ioredis('ioredis-6', { Redis, Cluster } as unknown as IoredisModule, true),
  nodeRedis('node-redis-6', nodeRedis6 as unknown as NodeRedisModule, 3),
  nodeRedis('node-redis-6-resp2', nodeRedis6 as unknown as NodeRedisModule, 2),
  nodeRedis('node-redis-5', nodeRedis5 as unknown as NodeRedisModule, 2),
  nodeRedis('node-redis-5-resp3', nodeRedis5 as unknown as NodeRedisModule, 3),
  ioredis('ioredis-5', ioredis5 as unknown as IoredisModule, false),
  // It has no other name for its class.
  ioredis(
    'ioredis-5-0',
    {
      ...(ioredis50 as unknown as IoredisModule),
      Redis: ioredis50.default as unknown as IoredisModule['Redis'],
    },
    false,
  ),
  ioredis('iovalkey', iovalkey as unknown as IoredisModule, false),
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
