import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A request as it goes over the wire: nothing is normalised, and nothing added but `Host` and `Connection`. */
export interface RawRequest {
  readonly method?: string
  /** The request target, byte for byte (ISO 8859-1). */
  readonly target: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number
  readonly statusLine: string
  /** In their order, names as they were written. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The value of a header, whatever the case of its name; several ones joined. */
  header(name: string): string | undefined
  /** How the end of the body is told (RFC 9112, section 6). */
  readonly framing: 'none' | 'length' | 'chunked' | 'close'
  readonly body: Buffer
  readonly text: string
  /** Whether the body is as long as it was said to be. */
  readonly isComplete: boolean
}

/** Sends one request on a connection of its own, and reads until the other side ends it. */
export async function sendRaw(url: string, request: RawRequest): Promise<RawAnswer> {
  const socket = await openRaw(url, request)
  return parseAnswer(await readToEnd(socket), request.method ?? 'GET')
}

/** Sends one request and reads nothing yet. */
export async function openRaw(url: string, { method = 'GET', target, headers = {}, body = '' }: RawRequest) {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  // Being cut off is an answer too; what has arrived tells.
  socket.on('error', () => {})
  await once(socket, 'connect')
  const fields = Object.entries({ Host: host, Connection: 'close', ...headers })
  const head = [`${method} ${target} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`)]
  socket.write(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`, 'latin1'))
  return socket
}

/** Everything that a connection gives until it ends. */
export async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  await new Promise((resolve) => socket.once('close', resolve))
  return Buffer.concat(chunks)
}

/** Takes a message apart (RFC 9112). @throws Error if it has no head. */
export function parseAnswer(bytes: Buffer, method = 'GET'): RawAnswer {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) throw new Error(`no answer, but '${bytes.toString('latin1')}'`)
  const [statusLine = '', ...lines] = bytes.subarray(0, headEnd).toString('latin1').split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  const fields = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
  })
  const header = (wanted: string): string | undefined => {
    const values = fields.filter(([name]) => name.toLowerCase() === wanted.toLowerCase())
    return values.length > 0 ? values.map(([, value]) => value).join(', ') : undefined
  }
  const framing = framingOf(method, status, header)
  const { body, isComplete } = bodyOf(framing, bytes.subarray(headEnd + 4), Number(header('content-length')))
  return {
    ...{ status, statusLine, fields, header, framing, body, isComplete },
    // Of many megabytes that are no text it takes seconds, and few ask for it.
    get text() {
      return body.toString()
    },
  }
}

function framingOf(
  method: string,
  status: number,
  header: (name: string) => string | undefined,
): RawAnswer['framing'] {
  if (method === 'HEAD' || status === 204 || status === 304) return 'none'
  if (header('transfer-encoding') === 'chunked') return 'chunked'
  return header('content-length') === undefined ? 'close' : 'length'
}

function bodyOf(
  framing: RawAnswer['framing'],
  rest: Buffer,
  length: number,
): { body: Buffer; isComplete: boolean } {
  if (framing === 'chunked') return unchunked(rest)
  const isComplete = framing === 'close' || rest.length === (framing === 'none' ? 0 : length)
  return { body: rest, isComplete }
}

/** RFC 9112, section 7.1, without extensions and trailers. */
function unchunked(bytes: Buffer): { body: Buffer; isComplete: boolean } {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return { body: Buffer.concat(chunks), isComplete: false }
    const size = Number.parseInt(bytes.subarray(at, lineEnd).toString('latin1'), 16)
    if (size === 0) return { body: Buffer.concat(chunks), isComplete: true }
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
