import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOOPBACK } from './redis-admin.js'

/**
 * What can be wrong with the way to a server.
 *
 * - `refuse`: nobody listens, and what was open is cut.
 * - `blackhole`: connections are accepted and kept, and nothing passes. What was sent goes on its way when it is
 *   healed, as TCP sends again what was lost.
 * - `reset-mid-reply`: of the next reply on each connection the first half passes, then the connection is reset.
 * - `garbage`: replies have their length, and bytes that no server sends.
 * - `delayMs`: replies come so much later, in their order.
 */
type Fault = 'refuse' | 'blackhole' | 'reset-mid-reply' | 'garbage' | { readonly delayMs: number }

/** Stands before a real server, and is what goes wrong on the way to it. */
export interface FaultProxy {
  /** `redis://127.0.0.1:<port>` */
  readonly url: string
  readonly port: number
  /** Takes the place of the fault before, if there was one. */
  fault(fault: Fault): Promise<void>
  /** All passes again, through the same port; what was held back comes first. */
  heal(): Promise<void>
  /** How many clients are connected. */
  connections(): number
  close(): Promise<void>
}

export async function startFaultProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<FaultProxy> {
  const tunnels = new Set<Tunnel>()
  let fault: Fault | null = null
  const server = createServer((client) => {
    const tunnel = new Tunnel(client, connect(target))
    tunnels.add(tunnel)
    client.once('close', () => tunnels.delete(tunnel))
    tunnel.change(fault)
  })
  const port = await listen(server, 0)

  const stopListening = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const tunnel of tunnels) tunnel.cut()
    await closed
  }
  const change = async (next: Fault | null) => {
    fault = next
    if (next === 'refuse') return stopListening()
    if (!server.listening) await listen(server, port)
    for (const tunnel of tunnels) tunnel.change(next)
  }
  return {
    url: `redis://${LOOPBACK}:${port}`,
    port,
    fault: change,
    heal: () => change(null),
    connections: () => tunnels.size,
    close: stopListening,
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, LOOPBACK)
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

/** One client's connection, and the one to the server behind it. */
class Tunnel {
  readonly #client: Socket
  readonly #upstream: Socket
  #fault: Fault | null = null
  /** Replies leave one after the other, whatever each had to wait for. */
  #sent: Promise<void> = Promise.resolve()
  readonly #delayed = new Set<() => void>()

  constructor(client: Socket, upstream: Socket) {
    this.#client = client
    this.#upstream = upstream
    for (const socket of [client, upstream]) {
      // Being cut off is what this is for; `close` follows.
      socket.on('error', () => {})
      socket.on('close', () => this.cut())
    }
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => this.#reply(chunk))
  }

  change(fault: Fault | null): void {
    this.#fault = fault
    for (const end of this.#delayed) end()
    for (const socket of [this.#client, this.#upstream]) {
      if (fault === 'blackhole') socket.pause()
      else socket.resume()
    }
  }

  cut(): void {
    this.#client.destroy()
    this.#upstream.destroy()
  }

  #reply(chunk: Buffer): void {
    const fault = this.#fault
    const due = typeof fault === 'object' && fault !== null ? this.#delay(fault.delayMs) : undefined
    this.#sent = this.#sent.then(() => due).then(() => this.#send(chunk, fault))
  }

  #delay(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer)
        this.#delayed.delete(end)
        resolve()
      }
      const timer = setTimeout(end, delayMs).unref()
      this.#delayed.add(end)
    })
  }

  async #send(chunk: Buffer, fault: Fault | null): Promise<void> {
    if (!this.#client.writable) return
    if (fault === 'garbage') this.#client.write(Buffer.alloc(chunk.length, '\u00ffgarbage'))
    else if (fault === 'reset-mid-reply')
      await this.#resetAfter(chunk.subarray(0, Math.ceil(chunk.length / 2)))
    else this.#client.write(chunk)
  }

  /** Whoever finds bytes and the reset at once sees an orderly end instead (libuv), so it comes a moment later. */
  async #resetAfter(half: Buffer): Promise<void> {
    this.#client.write(half)
    await sleep(5)
    this.#client.resetAndDestroy()
  }
}
