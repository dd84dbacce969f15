import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { CommandError } from '../command-error.js'
import { DEFAULT_CONFIG, type DemoConfig } from '../config.js'

const STOP_TIMEOUT_MS = 3_000

export interface Listener {
  readonly url: string
  readonly port: number
  /** Lets running requests end; after a while the rest is cut off. */
  stop(): Promise<void>
}

/** @throws {CommandError} When the port cannot be had. */
export async function listen(
  app: RequestListener,
  { host, port }: Pick<DemoConfig, 'host' | 'port'>,
): Promise<Listener> {
  const server = createServer(app)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(explain(error, port)))
    server.listen(port, host, resolve)
  })
  const address = server.address() as AddressInfo
  return {
    url: urlOf(host, address.port),
    port: address.port,
    stop: () => stop(server),
  }
}

/** Where people reach a server that listens there. */
export function urlOf(host: string, port: number): string {
  if (host === DEFAULT_CONFIG.host) return `http://localhost:${port}`
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`
}

function explain(error: NodeJS.ErrnoException, port: number): CommandError {
  if (error.code === 'EADDRINUSE') {
    return new CommandError(`Port ${port} is in use. Set PORT to another one, or to 0 for any that is free.`)
  }
  return new CommandError(`Cannot listen on port ${port}: ${error.message}.`)
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cutOff = setTimeout(() => server.closeAllConnections(), STOP_TIMEOUT_MS)
    server.close(() => {
      clearTimeout(cutOff)
      resolve()
    })
    server.closeIdleConnections()
  })
}
