import { CommandError } from './command-error.js'
import { SERVICE_NAMES, type ServiceName } from './service-names.js'

/** How one start of the demo is set up. What is left out is embedded. */
export interface DemoConfig {
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
  readonly services: readonly ServiceName[]
  readonly databaseUrl?: string | undefined
  readonly redisUrl?: string | undefined
  /** Each as `host:port`. None: events stay in the process. */
  readonly kafkaBrokers?: readonly string[] | undefined
  /** Signs the bearer tokens. None: a random one, so tokens end with the process. */
  readonly jwtSecret?: string | undefined
  /** The password of the seeded users. */
  readonly password: string
  /** How many failed sign-ins, and registrations, one address has in a minute. */
  readonly signInsPerMinute: number
  readonly cache: boolean
  /** Whether what controllers and event handlers declare is evicted, what follows from their queries, or the one checked by the other. */
  readonly evictions: Evictions
  /** How changes are seen that other programs make in the database. */
  readonly follow: Follow
  /** The share of hits that are asked again behind their answers, to find what is stale. None: none are. */
  readonly auditSample?: number | undefined
  /** How long a request waits for Redis at most. None: as the library says. */
  readonly deadlineMs?: number | undefined
  /** Whether the newest customers are put into the cache at start. */
  readonly warm: boolean
  /** Goes before every key in the store, so that several demos can share one Redis. */
  readonly keyPrefix?: string | undefined
}

const EVICTIONS = ['declared', 'derived', 'check'] as const
export type Evictions = (typeof EVICTIONS)[number]

const FOLLOW = ['off', 'log', 'outbox'] as const
export type Follow = (typeof FOLLOW)[number]

export type Environment = Readonly<Record<string, string | undefined>>

/** The demo that `npm run demo` starts when nothing is set: everything embedded, on port 3000. */
export const DEFAULT_CONFIG: DemoConfig = {
  port: 3000,
  host: '127.0.0.1',
  services: SERVICE_NAMES,
  password: 'crm-demo',
  signInsPerMinute: 10,
  cache: true,
  evictions: 'declared',
  follow: 'off',
  warm: true,
}

/**
 * Reads the demo's configuration from environment variables; an empty one counts as not set.
 *
 * @throws {CommandError} Naming the variable and what it may be.
 */
export function readConfig(env: Environment): DemoConfig {
  const config = {
    port: readPort(env.PORT),
    host: readHost(env.HOST),
    services: readServices(env.SERVICE),
    databaseUrl: readUrl('DATABASE_URL', env.DATABASE_URL, ['postgresql:', 'postgres:']),
    redisUrl: readUrl('REDIS_URL', env.REDIS_URL, ['redis:', 'rediss:']),
    kafkaBrokers: readBrokers(env.KAFKA_BROKERS),
    jwtSecret: readSecret(env.JWT_SECRET),
    password: readPassword(env.DEMO_PASSWORD),
    signInsPerMinute: readSignIns(env.SIGN_INS_PER_MINUTE),
    cache: readSwitch('CACHE', env.CACHE, DEFAULT_CONFIG.cache),
    evictions: readChoice('EVICTIONS', env.EVICTIONS, EVICTIONS, DEFAULT_CONFIG.evictions),
    follow: readChoice('FOLLOW', env.FOLLOW, FOLLOW, DEFAULT_CONFIG.follow),
    auditSample: readShare(env.AUDIT_SAMPLE),
    deadlineMs: readDeadline(env.CACHE_DEADLINE_MS),
    warm: readSwitch('WARM', env.WARM, DEFAULT_CONFIG.warm),
  }
  if (isOneOfSeveral(config) && config.kafkaBrokers && !config.databaseUrl) {
    throw new CommandError(
      'DATABASE_URL is not set, but KAFKA_BROKERS and SERVICE are: services that share events must share a database.',
    )
  }
  if (config.follow !== 'off' && !config.databaseUrl) {
    throw new CommandError(
      `FOLLOW is "${config.follow}", but DATABASE_URL is not set: no other program can change the embedded database.`,
    )
  }
  return config
}

/** The password of the seeded people, where everybody may know it: nobody has set another one. */
export function publicPassword(password: string): string | null {
  return password === DEFAULT_CONFIG.password ? password : null
}

/** Whether other services are to be found in other processes. */
export function isOneOfSeveral({ services }: Pick<DemoConfig, 'services'>): boolean {
  return services.length < SERVICE_NAMES.length
}

export function readPort(value: string | undefined): number {
  if (!value) return DEFAULT_CONFIG.port
  const port = Number(value)
  if (!/^\d+$/.test(value) || port > 65_535) {
    throw new CommandError(`PORT is "${value}", but must be a whole number from 0 to 65535.`)
  }
  return port
}

export function readHost(value: string | undefined): string {
  return value || DEFAULT_CONFIG.host
}

function readServices(value: string | undefined): readonly ServiceName[] {
  if (!value) return SERVICE_NAMES
  const name = SERVICE_NAMES.find((candidate) => candidate === value)
  if (!name) {
    const names = SERVICE_NAMES.join(', ')
    throw new CommandError(`SERVICE is "${value}", but must be one of ${names}, or gateway.`)
  }
  return [name]
}

function readChoice<Choice extends string>(
  name: string,
  value: string | undefined,
  choices: readonly Choice[],
  otherwise: Choice,
): Choice {
  if (!value) return otherwise
  const known = choices.find((candidate) => candidate === value)
  if (!known) throw new CommandError(`${name} is "${value}", but must be one of ${choices.join(', ')}.`)
  return known
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

function readBrokers(value: string | undefined): readonly string[] | undefined {
  if (!value) return undefined
  const brokers = value.split(',').map((broker) => broker.trim())
  const wrong = brokers.find((broker) => !/^[^:\s/]+:\d{1,5}$/.test(broker))
  if (wrong !== undefined) {
    throw new CommandError(
      `KAFKA_BROKERS has "${wrong}", but must be host:port, or several of them with commas between.`,
    )
  }
  return brokers
}

function readSecret(value: string | undefined): string | undefined {
  if (!value) return undefined
  // RFC 7518 section 3.2: a key for HS256 has at least the 256 bits of the hash.
  if (Buffer.byteLength(value) < 32) throw new CommandError('JWT_SECRET must have at least 32 bytes.')
  return value
}

export function readPassword(value: string | undefined): string {
  if (!value) return DEFAULT_CONFIG.password
  const bytes = Buffer.byteLength(value)
  // Hashing a longer one would cost more, and nobody types one.
  if (bytes < 8 || bytes > 72) throw new CommandError('DEMO_PASSWORD must have 8 to 72 bytes.')
  return value
}

function readDeadline(value: string | undefined): number | undefined {
  if (!value) return undefined
  if (!/^[1-9]\d{0,5}$/.test(value)) {
    throw new CommandError(`CACHE_DEADLINE_MS is "${value}", but must be a whole number from 1 to 999999.`)
  }
  return Number(value)
}

function readShare(value: string | undefined): number | undefined {
  if (!value) return undefined
  const share = Number(value)
  if (!(share > 0 && share <= 1)) {
    throw new CommandError(`AUDIT_SAMPLE is "${value}", but must be a number above 0 and at most 1.`)
  }
  return share
}

function readSignIns(value: string | undefined): number {
  if (!value) return DEFAULT_CONFIG.signInsPerMinute
  if (!/^[1-9]\d{0,5}$/.test(value)) {
    throw new CommandError(`SIGN_INS_PER_MINUTE is "${value}", but must be a whole number from 1 to 999999.`)
  }
  return Number(value)
}

function readSwitch(name: string, value: string | undefined, fallback: boolean): boolean {
  if (!value) return fallback
  if (['1', 'on', 'true'].includes(value)) return true
  if (['0', 'off', 'false'].includes(value)) return false
  throw new CommandError(`${name} is "${value}", but must be on or off.`)
}
