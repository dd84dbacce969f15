import { CommandError } from '../command-error.js'
import { type Environment, readHost, readPassword, readPort } from '../config.js'
import { SERVICE_NAMES, type ServiceName } from '../service-names.js'

/** How one start of the gateway is set up. */
export interface GatewayConfig {
  /** 0 takes any free port. */
  readonly port: number
  readonly host: string
  /** Where each service listens: `http://host:port`. */
  readonly urls: Readonly<Record<ServiceName, string>>
  /** How long a service may be silent before its request is given up. */
  readonly silenceTimeoutMs: number
  /** That of the seeded people; none: as the demo's configuration says. */
  readonly password?: string
}

const SILENCE_TIMEOUT_MS = 10_000

/**
 * Reads the gateway's configuration from environment variables; an empty one counts as not set. A service without
 * a URL is looked for on this machine, at the port of its turn: the first one has PORT + 1.
 *
 * @throws {CommandError} Naming the variable and what it may be.
 */
export function readGatewayConfig(env: Environment): GatewayConfig {
  const port = readPort(env.PORT)
  const urls = SERVICE_NAMES.map((name) => [name, readServiceUrl(env, name, port)])
  return {
    port,
    host: readHost(env.HOST),
    urls: Object.fromEntries(urls),
    silenceTimeoutMs: SILENCE_TIMEOUT_MS,
    password: readPassword(env.DEMO_PASSWORD),
  }
}

/** The variable with a service's URL: `SALES_ACTIVITY_URL`. */
export function urlVariableOf(name: ServiceName): string {
  return `${name.toUpperCase().replaceAll('-', '_')}_URL`
}

/** The port of a service that has not been told another one. */
export function servicePort(name: ServiceName, gatewayPort: number): number {
  return gatewayPort + 1 + SERVICE_NAMES.indexOf(name)
}

function readServiceUrl(env: Environment, name: ServiceName, gatewayPort: number): string {
  const variable = urlVariableOf(name)
  const value = env[variable] || defaultUrl(variable, name, gatewayPort)
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'http:' || url.href !== `${url.origin}/`) {
    throw new CommandError(`${variable} is "${value}", but must be http://host:port, without a path.`)
  }
  return url.origin
}

function defaultUrl(variable: string, name: ServiceName, gatewayPort: number): string {
  const port = servicePort(name, gatewayPort)
  if (gatewayPort === 0 || port > 65_535) {
    throw new CommandError(`${variable} must be set: with PORT ${gatewayPort} it has no port to default to.`)
  }
  return `http://127.0.0.1:${port}`
}
