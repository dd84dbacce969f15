import { redisAddress } from '../clients/redis-url.js'
import type { OpenedStore } from '../open-store.js'
import type { ResolvedOptions } from '../options.js'
import { CliError } from './cli-error.js'
import type { Invocation } from './command.js'
import { cacheOptionsOf } from './redis-options.js'
import type { Terminal } from './terminal.js'
import { unreachable } from './unreachable.js'

/** Of a server that belongs to a Redis Cluster, in what INFO says. */
const CLUSTER = 'cluster_enabled:1'

/** A store that a command looks into, and is no member of: it serves nothing. */
export interface RedisSession extends OpenedStore {
  readonly options: ResolvedOptions
  /** Where that is, for people: `127.0.0.1:6379, prefix 'crm:'`. */
  readonly place: string
}

/**
 * Opens the store that the options name, until the command ends.
 *
 * @throws CliError where it cannot be reached.
 */
export async function openSession({ options, terminal }: Invocation): Promise<RedisSession> {
  const resolved = cacheOptionsOf(options)
  const url = String(resolved.redis)
  const server = serverOf(url)
  terminal.progress(`Connecting to ${server} …`)
  const opened = await openStores(url, resolved, terminal)
  terminal.clearProgress()
  if (!isReady(opened)) throw unreachable(server, opened.trouble())
  const { keyPrefix } = resolved
  const place = keyPrefix === '' ? `${server}, no prefix` : `${server}, prefix '${keyPrefix}'`
  return { ...opened, options: resolved, place }
}

/** The store behind a URL: of one server, or of the cluster that the server belongs to. */
async function openStores(url: string, options: ResolvedOptions, terminal: Terminal) {
  // Nobody waits for it who asks for help, or has made a mistake.
  const { openStore } = await import('../open-store.js')
  let trouble: unknown
  const onTrouble = (error: unknown) => {
    trouble ??= error
  }
  const single = openStore(options, onTrouble)
  terminal.atEnd(() => single.store.close())
  await single.store.ready()
  const info = await single.client?.info()?.catch(() => '')
  if (!info?.includes(CLUSTER)) return { ...single, trouble: () => trouble }
  const { connectCluster } = await import('../stores/redis/connect-redis.js')
  const redis = connectCluster(url, { onTrouble })
  terminal.atEnd(() => redis.disconnect())
  const cluster = openStore({ ...options, redis }, onTrouble)
  terminal.atEnd(() => cluster.store.close())
  await cluster.store.ready()
  return { ...cluster, trouble: () => trouble }
}

/** Who a URL leads to, without what is secret in it. @throws CliError */
function serverOf(url: string): string {
  const address = redisAddress(url)
  if (address.kind === 'unreadable') {
    throw new CliError(
      address.problem,
      'Write redis://user:password@host:6379/0, with special characters in the password percent-encoded.',
    )
  }
  if (address.kind === 'options') {
    const { path, sentinels = [], name } = address.options
    return path ?? `${name} by ${sentinels.map(({ host, port }) => `${host}:${port}`).join(', ')}`
  }
  const { hostname, port, pathname } = new URL(address.url)
  const database = pathname.replace(/^\/0?$/, '')
  return `${hostname}:${port || 6379}${database}`
}

function isReady({ client }: OpenedStore): boolean {
  const { itself } = client ?? {}
  return itself !== undefined && 'status' in itself && itself.status === 'ready'
}
