import { CommandError } from './command-error.js'
import { SERVICE_NAMES, type ServiceName } from './services/service.js'

/** How one start of the demo is set up. What is left out is embedded. */
export interface DemoConfig {
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
  readonly services: readonly ServiceName[]
  readonly databaseUrl?: string | undefined
  readonly redisUrl?: string | undefined
  /** Signs the bearer tokens. None: a random one, so tokens end with the process. */
  readonly jwtSecret?: string | undefined
  /** The password of the seeded users. */
  readonly password: string
  readonly cache: boolean
  /** Whether the newest customers are put into the cache at start. */
  readonly warm: boolean
  /** Goes before every key in the store, so that several demos can share one Redis. */
  readonly keyPrefix?: string | undefined
}

type Environment = Readonly<Record<string, string | undefined>>

/** The demo that `npm run demo` starts when nothing is set: everything embedded, on port 3000. */
export const DEFAULT_CONFIG: DemoConfig = {
  port: 3000,
  host: '127.0.0.1',
  services: SERVICE_NAMES,
  password: 'crm-demo',
  cache: true,
  warm: true,
}

/**
 * Reads the demo's configuration from environment variables; an empty one counts as not set.
 *
 * @throws {CommandError} Naming the variable and what it may be.
 */
export function readConfig(env: Environment): DemoConfig {
  if (env.KAFKA_BROKERS) {
    throw new CommandError(
      'KAFKA_BROKERS is set, but the Kafka bus is not part of this version. Unset it: events then stay in the process.',
    )
  }
  return {
    port: readPort(env.PORT),
    host: env.HOST || DEFAULT_CONFIG.host,
    services: readServices(env.SERVICE),
    databaseUrl: readUrl('DATABASE_URL', env.DATABASE_URL, ['postgresql:', 'postgres:']),
    redisUrl: readUrl('REDIS_URL', env.REDIS_URL, ['redis:', 'rediss:']),
    jwtSecret: readSecret(env.JWT_SECRET),
    password: readPassword(env.DEMO_PASSWORD),
    cache: readSwitch('CACHE', env.CACHE, DEFAULT_CONFIG.cache),
    warm: readSwitch('WARM', env.WARM, DEFAULT_CONFIG.warm),
  }
}

function readPort(value: string | undefined): number {
  if (!value) return DEFAULT_CONFIG.port
  const port = Number(value)
  if (!/^\d+$/.test(value) || port > 65_535) {
    throw new CommandError(`PORT is "${value}", but must be a whole number from 0 to 65535.`)
  }
  return port
}

function readServices(value: string | undefined): readonly ServiceName[] {
  if (!value) return SERVICE_NAMES
  const name = SERVICE_NAMES.find((candidate) => candidate === value)
  if (!name) throw new CommandError(`SERVICE is "${value}", but must be one of ${SERVICE_NAMES.join(', ')}.`)
  return [name]
}

function readUrl(name: string, value: string | undefined, protocols: readonly string[]): string | undefined {
  if (!value) return undefined
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    // The value is not repeated: it may hold a password.
    const starts = protocols.map((protocol) => `${protocol}//`).join(' or ')
    throw new CommandError(`${name} is not a URL that starts with ${starts}.`)
  }
  return value
}

function readSecret(value: string | undefined): string | undefined {
  if (!value) return undefined
  // RFC 7518 section 3.2: a key for HS256 has at least the 256 bits of the hash.
  if (Buffer.byteLength(value) < 32) throw new CommandError('JWT_SECRET must have at least 32 bytes.')
  return value
}

function readPassword(value: string | undefined): string {
  if (!value) return DEFAULT_CONFIG.password
  const bytes = Buffer.byteLength(value)
  // bcrypt reads no more than 72 bytes.
  if (bytes < 8 || bytes > 72) throw new CommandError('DEMO_PASSWORD must have 8 to 72 bytes.')
  return value
}

function readSwitch(name: string, value: string | undefined, fallback: boolean): boolean {
  if (!value) return fallback
  if (['1', 'on', 'true'].includes(value)) return true
  if (['0', 'off', 'false'].includes(value)) return false
  throw new CommandError(`${name} is "${value}", but must be on or off.`)
}
