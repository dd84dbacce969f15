/**
 * A client of Redis that a cache can use: of ioredis 5 or 6, of node-redis 5 or 6 (`redis`, `@redis/client`), or of
 * iovalkey; of one server, or of a cluster. Described here, so that the types of an application name no package that it
 * does not have.
 */
export type RedisClient = IoredisLike | NodeRedisLike

/** A `Redis` or `Cluster` of ioredis or iovalkey. */
interface IoredisLike {
  readonly status: string
  connect(): Promise<unknown>
  quit(): Promise<unknown>
  disconnect(): void
  defineCommand(name: string, definition: { lua: string; numberOfKeys?: number }): void
  // biome-ignore lint/suspicious/noExplicitAny: listeners of all events.
  on(event: string, listener: (...args: any[]) => void): unknown
}

/** What `createClient` or `createCluster` of node-redis gives. */
interface NodeRedisLike {
  readonly isOpen: boolean
  connect(): Promise<unknown>
  quit(): Promise<unknown>
  disconnect(): unknown
  // biome-ignore lint/suspicious/noExplicitAny: a client and a cluster take different arguments.
  sendCommand(...args: any[]): Promise<unknown>
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  withTypeMapping(mapping: any): unknown
  // biome-ignore lint/suspicious/noExplicitAny: listeners of all events.
  on(event: string, listener: (...args: any[]) => void): unknown
}
