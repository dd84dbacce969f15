import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'

/** Facts of a connection that handlers read off its socket. */
const FACTS = [
  'remoteAddress',
  'remoteFamily',
  'remotePort',
  'localAddress',
  'localFamily',
  'localPort',
  'authorized',
  'authorizationError',
  'alpnProtocol',
  'servername',
] as const

/** Questions about a connection, which change nothing. */
const QUESTIONS = ['address', 'getCipher', 'getPeerCertificate', 'getProtocol'] as const

/** Of this socket's own reading and writing. */
const NOT_TAKEN_OVER: ReadonlySet<string> = new Set(['parser', 'on', 'server'])

/**
 * A connection for a request that nobody has sent: it knows what the client's knew, its answer goes nowhere, and
 * whoever closes it closes nobody's.
 */
export function reloadSocket(client: Socket): Socket {
  const socket = new ReloadSocket()
  for (const [name, value] of Object.entries(client)) {
    // What middleware has noted on it, such as the address behind a proxy.
    const isNoted = !(name in socket) && !name.startsWith('_') && !NOT_TAKEN_OVER.has(name)
    if (isNoted && typeof value !== 'function') note(socket, name, value)
  }
  for (const name of FACTS) note(socket, name, (client as TLSSocket)[name])
  for (const name of QUESTIONS) {
    const question: unknown = (client as TLSSocket)[name]
    if (typeof question === 'function') note(socket, name, question.bind(client))
  }
  // By its server, Node finds how strict it is with heads.
  note(socket, 'server', (client as { server?: unknown }).server)
  return socket as unknown as Socket
}

function note(socket: object, name: string, value: unknown): void {
  if (value !== undefined)
    Object.defineProperty(socket, name, { value, configurable: true, writable: true, enumerable: true })
}

class ReloadSocket extends Duplex {
  readonly bytesRead = 0
  bytesWritten = 0

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.bytesWritten += chunk.length
    done()
  }

  destroySoon(): void {
    this.destroy()
  }

  setTimeout(): this {
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }
}
