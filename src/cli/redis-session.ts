import { redisAddress } from '../clients/redis-url.js'
import type { OpenedStore } from '../open-store.js'
import type { ResolvedOptions } from '../options.js'
import { CliError } from './cli-error.js'
import type { Invocation } from './command.js'
import { cacheOptionsOf } from './redis-options.js'
import { unreachable } from './unreachable.js'

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
  // Nobody waits for it who asks for help, or has made a mistake.
  const { openStore } = await import('../open-store.js')
  let trouble: unknown
  const opened = openStore(resolved, (error) => {
    trouble ??= error
  })
  terminal.atEnd(() => opened.store.close())
  await opened.store.ready()
  terminal.clearProgress()
  if (!isReady(opened)) throw unreachable(server, trouble)
  const { keyPrefix } = resolved
  const place = keyPrefix === '' ? `${server}, no prefix` : `${server}, prefix '${keyPrefix}'`
  return { ...opened, options: resolved, place }
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
