import type { Request, Response } from 'express'
import { realTime } from '../tools/real-time.js'
import { reasonOf } from '../tools/reason-of.js'
import { Refusal } from './refusal.js'

const EVERY_MS = 1_000
const MOST_CLIENTS = 50
/** Who does not read has that much to come, and is told nothing more until it does. */
const MOST_UNREAD_BYTES = 1_048_576

/** What is told, by its name. */
export type LiveMessages = Readonly<Record<string, unknown>>

/**
 * Tells all who look, once a second, as server-sent events (WHATWG HTML, section 9.2). It works only while somebody looks, and
 * keeps no process alive and no server open.
 */
export class Live {
  readonly #messages: () => Promise<LiveMessages>
  readonly #clients = new Set<Response>()
  #timer: NodeJS.Timeout | undefined
  #isTelling = false
  #isClosed = false

  constructor(messages: () => Promise<LiveMessages>) {
    this.#messages = messages
  }

  /** @throws Refusal */
  add(req: Request, res: Response): void {
    if (this.#isClosed) throw new Refusal(503, 'the cache is closed', 'Start the application anew.')
    if (this.#clients.size >= MOST_CLIENTS) {
      throw new Refusal(503, `${MOST_CLIENTS} pages look already`, 'Close some of them.')
    }
    res.setHeader('Cache-Control', 'no-store, no-transform')
    // Nginx would keep it back until there is enough of it.
    res.setHeader('X-Accel-Buffering', 'no')
    res.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
    res.write('retry: 2000\n\n')
    req.socket.unref()
    this.#clients.add(res)
    res.once('close', () => this.#leave(res))
    if (!this.#timer) {
      this.#timer = realTime.setInterval(() => void this.#tell(), EVERY_MS)
      this.#timer.unref()
    }
    void this.#tell()
  }

  close(): void {
    this.#isClosed = true
    for (const client of this.#clients) client.end()
    this.#stop()
  }

  #leave(client: Response): void {
    // It may carry other requests from now on.
    client.req.socket.ref()
    this.#clients.delete(client)
    if (this.#clients.size === 0) this.#stop()
  }

  #stop(): void {
    realTime.clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #tell(): Promise<void> {
    for (const client of this.#clients) if (isServerClosing(client)) client.end()
    if (this.#isTelling) {
      // A comment, so that no proxy takes the connection for dead.
      this.#send(':\n\n')
      return
    }
    this.#isTelling = true
    try {
      this.#send(textOf(await this.#messages()))
    } catch (error) {
      this.#send(`: ${reasonOf(error).replaceAll(/\s+/g, ' ')}\n\n`)
    } finally {
      this.#isTelling = false
    }
  }

  #send(text: string): void {
    for (const client of this.#clients) {
      if (client.writableEnded || client.writableLength > MOST_UNREAD_BYTES) continue
      client.write(text)
      // The middleware `compression` keeps back what it has, where somebody has told it to compress this all the same.
      const { flush } = client as { flush?: () => void }
      flush?.call(client)
    }
  }
}

/** A server that closes waits for its connections to end. */
function isServerClosing({ req }: Response): boolean {
  const { server } = req.socket as { server?: { listening?: boolean } }
  return server?.listening === false
}

function textOf(messages: LiveMessages): string {
  return Object.entries(messages)
    .map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
    .join('')
}
