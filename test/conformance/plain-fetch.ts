import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'

interface PlainRequest {
  readonly method?: string
  readonly headers?: readonly (readonly [string, string])[]
  readonly body?: string
}

interface PlainResponse {
  readonly status: number
  readonly statusText: string
  readonly headers: Headers
  text(): Promise<string>
}

/**
 * The part of `fetch` that `http-cache-tests` uses, without what a browser adds to it: the real one sends
 * `Cache-Control: no-cache` with each conditional request, and follows redirects.
 */
export async function plainFetch(url: string, init: PlainRequest = {}): Promise<PlainResponse> {
  const { method = 'GET', headers = [], body } = init
  const outgoing = request(url, { method, agent: false })
  for (const [name, value] of headers) outgoing.appendHeader(name, value)
  // Node gives a DELETE none of itself.
  if (body !== undefined) outgoing.setHeader('Content-Length', Buffer.byteLength(body))
  outgoing.end(body)
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  const text = Buffer.concat(await incoming.toArray()).toString()
  return {
    status: incoming.statusCode ?? 0,
    statusText: incoming.statusMessage ?? '',
    headers: headersOf(incoming),
    text: async () => text,
  }
}

/**
 * The tests of headers that must be missing look for them as properties, which `Headers` does not have: without
 * that, they could not fail.
 */
function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value)
  }
  return new Proxy(headers, {
    get(_target, property) {
      const member: unknown = Reflect.get(headers, property)
      if (typeof member === 'function') return member.bind(headers)
      return typeof property === 'string' ? headers.get(property) : member
    },
  })
}
