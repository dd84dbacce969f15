/**
 * What the cache needs of a Redis client: an ioredis `Redis` or `Cluster`, version 5 or 6. Described here, so
 * that the types of an application without Redis need no ioredis either.
 */
export interface RedisClient {
  readonly status: string
  connect(): Promise<unknown>
  quit(): Promise<unknown>
  disconnect(): void
  defineCommand(name: string, definition: { lua: string; numberOfKeys?: number }): void
  // biome-ignore lint/suspicious/noExplicitAny: listeners of all events.
  on(event: string, listener: (...args: any[]) => void): unknown
}
