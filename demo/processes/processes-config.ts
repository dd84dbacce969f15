import { randomBytes } from 'node:crypto'
import { CommandError } from '../command-error.js'
import { type DemoConfig, type Environment, readConfig } from '../config.js'
import { servicePort, urlVariableOf } from '../gateway/gateway-config.js'
import { SERVICE_NAMES } from '../service-names.js'

/** What the processes have in common, with the values that fit `compose.yml` and the secrets in `.env`. */
const SHARED_PARTS = {
  DATABASE_URL: 'postgresql://crm:$POSTGRES_PASSWORD@localhost:5432/crm',
  REDIS_URL: 'redis://:$REDIS_PASSWORD@localhost:6379',
  KAFKA_BROKERS: 'localhost:9092',
} as const

/** One of the processes: the name before its lines, and its environment. */
export interface ProcessToRun {
  readonly name: string
  readonly env: Readonly<Record<string, string>>
}

export interface ProcessesConfig {
  /** What holds for all services. */
  readonly demo: DemoConfig
  /** Signs the tokens of all services. */
  readonly jwtSecret: string
  readonly processes: readonly ProcessToRun[]
}

/**
 * Says which processes the demo consists of: the gateway on PORT, and the services on the ports after it.
 *
 * @throws {CommandError} When something that processes must share is missing, or a value is none.
 */
export function readProcessesConfig(env: Environment): ProcessesConfig {
  requireSharedParts(env)
  const demo = readConfig({ ...env, SERVICE: '' })
  if (demo.port === 0 || servicePort('analytics', demo.port) > 65_535) {
    throw new CommandError(`PORT is ${demo.port}, but must have a port for each service after it.`)
  }
  const jwtSecret = demo.jwtSecret ?? randomBytes(32).toString('hex')
  return { demo, jwtSecret, processes: [gatewayOf(demo), ...servicesOf(demo, jwtSecret)] }
}

function requireSharedParts(env: Environment): void {
  const missing = Object.keys(SHARED_PARTS).filter((name) => !env[name])
  if (missing.length === 0) return
  const values = Object.entries(SHARED_PARTS).map(([name, value]) => `  export ${name}=${value}`)
  throw new CommandError(
    [
      `Services in processes of their own share a database, a cache and a bus. Not set: ${missing.join(', ')}.`,
      'Set them to what you have, or, with Docker:',
      '  node scripts/make-secrets.mjs && . ./.env',
      '  docker compose up -d postgres redis kafka',
      ...values,
    ].join('\n'),
  )
}

function gatewayOf({ port, host }: DemoConfig): ProcessToRun {
  const urls = SERVICE_NAMES.map((name) => [
    urlVariableOf(name),
    `http://127.0.0.1:${servicePort(name, port)}`,
  ])
  return {
    name: 'gateway',
    env: { SERVICE: 'gateway', PORT: String(port), HOST: host, ...Object.fromEntries(urls) },
  }
}

/** Only the gateway is reached from elsewhere. */
function servicesOf({ port }: DemoConfig, jwtSecret: string): ProcessToRun[] {
  return SERVICE_NAMES.map((name) => ({
    name,
    env: { SERVICE: name, PORT: String(servicePort(name, port)), HOST: '127.0.0.1', JWT_SECRET: jwtSecret },
  }))
}
