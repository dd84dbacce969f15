import { Redis, type RedisOptions } from 'ioredis'

export interface Endpoint {
  readonly host: string
  readonly port: number
}

export const LOOPBACK = '127.0.0.1'

/** A client that sets a server up and watches it. It rejects rather than hang. */
export function adminClient(
  port: number,
  { enableReadyCheck = true }: Pick<RedisOptions, 'enableReadyCheck'> = {},
): Redis {
  const client = new Redis({ host: LOOPBACK, port, commandTimeout: 5_000, enableReadyCheck })
  // Tests kill servers on purpose; what matters of an error is in the command it rejects.
  client.on('error', () => {})
  return client
}

/** Says whether a write reaches a replica: INFO calls one online up to a second before it receives any. */
export async function replicates(master: Redis, key: string): Promise<boolean> {
  await master.set(key, '')
  await master.del(key)
  return (await master.wait(1, 1_000)) >= 1
}
