/** How a server is reached: by a URL that ioredis reads, or by options of its. */
export type RedisAddress =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'options'; readonly options: AddressOptions }
  | { readonly kind: 'unreadable'; readonly problem: string }

/** Options of ioredis. */
interface AddressOptions {
  readonly path?: string
  readonly sentinels?: { host: string; port: number }[]
  readonly name?: string
  readonly username?: string
  readonly password?: string
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  readonly db: number
  readonly tls?: object
  readonly sentinelTLS?: object
  readonly enableTLSForSentinelMode?: true
}

const SENTINEL_PORT = 26_379
const SCHEMES = ['redis', 'rediss', 'valkey', 'valkeys', 'unix', 'redis+sentinel', 'rediss+sentinel']
const PLAIN = /^(?:redis|valkey)(s?):(?=\/\/)/i
const USER = `(?:(?<username>[^:@/]*)(?::(?<password>[^@/]*))?@)?`
const UNIX = new RegExp(`^unix://${USER}(?<path>/[^?#]+)(?:\\?(?<query>[^#]*))?$`, 'i')
const SENTINEL = new RegExp(
  `^(?:redis|valkey)(?<tls>s?)\\+sentinel://${USER}(?<hosts>[^/?#@]+)/(?<name>[^/?#]+)(?:/(?<db>\\d*))?(?:\\?(?<query>[^#]*))?$`,
  'i',
)

/** Reads the URL of a Redis. What it says of a fault never repeats the URL, which may hold a password. */
export function redisAddress(url: string): RedisAddress {
  const scheme = /^([a-z+]+):/i.exec(url)?.[1]?.toLowerCase()
  try {
    if (scheme === 'unix') return unixAddress(url)
    if (scheme?.endsWith('+sentinel')) return sentinelAddress(url)
  } catch {
    return unreadable('a percent sign in the Redis URL begins no escaped character')
  }
  return plainAddress(url)
}

function plainAddress(url: string): RedisAddress {
  // The parser of URLs takes hosts and ports of any scheme, but those alone.
  if (!URL.canParse(url)) return unreadable('the Redis URL cannot be read as a URL')
  const { hostname, pathname } = new URL(url)
  if (!PLAIN.test(url)) {
    return unreadable(`the Redis URL begins with none of ${SCHEMES.map((each) => `${each}://`).join(', ')}`)
  }
  if (hostname === '') return unreadable('the Redis URL names no host')
  if (!/^\/?\d*$/.test(pathname))
    return unreadable('the path of the Redis URL is not the number of a database')
  return { kind: 'url', url: url.replace(PLAIN, 'redis$1:') }
}

/** `unix://user:password@/path/to/socket?db=1` */
function unixAddress(url: string): RedisAddress {
  const { path, query, ...user } = UNIX.exec(url)?.groups ?? {}
  if (path === undefined) return unreadable('the Redis URL names no path of a socket behind unix://')
  const db = new URLSearchParams(query).get('db') ?? '0'
  if (!/^\d+$/.test(db)) return unreadable('the db of the Redis URL is not the number of a database')
  return {
    kind: 'options',
    options: { path: decodeURIComponent(path), ...credentials(user), db: Number(db) },
  }
}

/** `redis+sentinel://user:password@host:26379,host:26379/name/0?sentinelPassword=…`; the user is that of the master. */
function sentinelAddress(url: string): RedisAddress {
  const { hosts, name, db, query, tls, ...user } = SENTINEL.exec(url)?.groups ?? {}
  if (hosts === undefined || name === undefined) {
    return unreadable('the Redis URL names no sentinels, or no master behind them')
  }
  const sentinels = hosts.split(',').map(hostAndPort)
  if (!sentinels.every((each) => each !== null))
    return unreadable('a sentinel of the Redis URL cannot be read')
  const params = new URLSearchParams(query)
  const [sentinelUsername, sentinelPassword] = ['sentinelUsername', 'sentinelPassword'].map((each) =>
    params.get(each),
  )
  return {
    kind: 'options',
    options: {
      sentinels,
      name: decodeURIComponent(name),
      ...credentials(user),
      ...(sentinelUsername ? { sentinelUsername } : {}),
      ...(sentinelPassword ? { sentinelPassword } : {}),
      db: Number(db || 0),
      ...(tls ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true as const } : {}),
    },
  }
}

function credentials({ username, password }: { readonly username?: string; readonly password?: string }) {
  return {
    ...(username ? { username: decodeURIComponent(username) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
  }
}

/** `host`, `host:26379`, or `[::1]:26379`. */
function hostAndPort(text: string): { host: string; port: number } | null {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? []
  const host = bracketed ?? plain
  return host === undefined ? null : { host, port: Number(port ?? SENTINEL_PORT) }
}

function unreadable(problem: string): RedisAddress {
  return { kind: 'unreadable', problem }
}
