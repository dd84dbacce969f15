import autocannon, { type Client } from 'autocannon'
import { CommandError } from '#demo/command-error.js'

export interface Request {
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface LoadOptions {
  /** For people: who answers. */
  readonly name: string
  readonly url: string
  /** For each connection, what it asks for, over and over. */
  readonly requests: readonly (readonly Request[])[]
  readonly seconds: number
  readonly onAnswer: (connection: number, milliseconds: number) => void
}

/** What was sent; some of it was cut off at the end. */
export interface LoadTotals {
  readonly seconds: number
  readonly requests: number
}

export interface Load {
  /** @throws {CommandError} When a single answer was not 2xx, or did not come. */
  readonly ended: Promise<LoadTotals>
  /** Ends it early. */
  stop(): void
}

/** Lets every connection ask for one thing after the other, as fast as the answers come. */
export function startLoad({ name, url, requests, seconds, onAnswer }: LoadOptions): Load {
  const connections = new Map<Client, number>()
  const run = autocannon({
    url,
    connections: requests.length,
    duration: seconds,
    sampleInt: 100,
    setupClient(client) {
      const connection = connections.size
      connections.set(client, connection)
      client.setRequests([...(requests[connection] ?? [])])
    },
  })
  // autocannon's own percentiles are whole milliseconds, and of all requests together.
  run.on('response', (client, _status, _bytes, milliseconds) => {
    onAnswer(connections.get(client) as number, milliseconds)
  })
  const totals = async (): Promise<LoadTotals> => {
    const { duration, errors, non2xx, requests } = await run
    if (errors + non2xx === 0) return { seconds: duration, requests: requests.sent }
    throw new CommandError(`${name}: ${non2xx} answers were not 2xx, and ${errors} requests failed.`)
  }
  return { ended: totals(), stop: () => run.stop() }
}
