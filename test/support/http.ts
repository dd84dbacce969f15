import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Nothing is idle for so long: a kept connection that ends just as it is used again looks like an answer that was lost. */
export const KEEP_ALIVE_MS = 120_000

export interface Listening {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string
  close(): Promise<void>
}

/**
 * Serves `app` on a random loopback port.
 *
 * @param keepAliveTimeout - Milliseconds after which a connection that nobody uses is closed; Node's own if left out.
 */
export async function listen(app: RequestListener, keepAliveTimeout = 5_000): Promise<Listening> {
  const server = createServer({ keepAliveTimeout }, app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      // `fetch` keeps its connections open, and a test may have left a request waiting at a gate.
      server.closeAllConnections()
      await closed
    },
  }
}

/**
 * Gives a suite what serves its applications, each on a port of its own, and closes them all after each test.
 *
 * @example
 * const listen = serversOfSuite()
 * it('answers', async () => { const url = await listen(app) })
 */
export function serversOfSuite(): (app: RequestListener) => Promise<string> {
  const open: Listening[] = []
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close()
  })
  return async (app) => {
    const server = await listen(app)
    open.push(server)
    return server.url
  }
}
