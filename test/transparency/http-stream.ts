/** One HTTP message of what came over a connection. */
export interface Message {
  statusLine: string
  /** In their order, names as they were written. */
  headers: [name: string, value: string][]
  framing: 'none' | 'length' | 'chunked' | 'close'
  /** As they were sent; a body with a length is one. */
  chunks: Buffer[]
  trailers: [name: string, value: string][]
  isComplete: boolean
}

/** All that a server sent on one connection. */
export interface HttpStream {
  readonly messages: Message[]
  /** What is no message. */
  readonly rest: Buffer
}

/**
 * Takes apart all that a server sent (RFC 9112).
 *
 * @param methods - Of the requests, in their order.
 */
export function parseStream(bytes: Buffer, methods: readonly string[]): HttpStream {
  const messages: Message[] = []
  let rest = bytes
  for (let answered = 0; rest.length > 0; ) {
    const parsed = parseMessage(rest, methods[answered] ?? 'GET')
    if (!parsed) break
    messages.push(parsed.message)
    rest = parsed.rest
    if (!isInformational(parsed.message)) answered += 1
  }
  return { messages, rest }
}

/** Whether the first request has its whole answer, and the connection can be used again. */
export function isAnswered(bytes: Buffer, method: string): 'no' | 'yes' | 'closing' {
  const answer = parseStream(bytes, [method]).messages.find((message) => !isInformational(message))
  if (!answer?.isComplete || answer.framing === 'close') return 'no'
  return headerOf(answer, 'connection')?.toLowerCase() === 'close' ? 'closing' : 'yes'
}

export function isInformational({ statusLine }: Message): boolean {
  return /^HTTP\/1\.\d 1\d\d/.test(statusLine)
}

export function headerOf({ headers }: Message, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1]
}

function parseMessage(bytes: Buffer, method: string): { message: Message; rest: Buffer } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n')
  const head = headEnd === -1 ? '' : bytes.subarray(0, headEnd).toString('latin1')
  if (!/^HTTP\/1\.\d \d{3} /.test(head)) return undefined
  const [statusLine = '', ...lines] = head.split('\r\n')
  const message: Message = {
    statusLine,
    headers: lines.map(fieldOf),
    framing: 'none',
    chunks: [],
    trailers: [],
    isComplete: true,
  }
  const rest = bytes.subarray(headEnd + 4)
  const isBodyless = method === 'HEAD' || / (1\d\d|204|304) /.test(statusLine.slice(8, 13))
  if (isBodyless) return { message, rest }
  if (headerOf(message, 'transfer-encoding')?.toLowerCase() === 'chunked') return readChunks(message, rest)
  const length = headerOf(message, 'content-length')
  message.framing = length === undefined ? 'close' : 'length'
  const body = length === undefined ? rest : rest.subarray(0, Number(length))
  message.chunks = body.length > 0 ? [body] : []
  message.isComplete = length === undefined || body.length === Number(length)
  return { message, rest: rest.subarray(body.length) }
}

/** RFC 9112, section 7.1. */
function readChunks(message: Message, bytes: Buffer): { message: Message; rest: Buffer } {
  message.framing = 'chunked'
  message.isComplete = false
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const line = lineEnd === -1 ? '' : bytes.subarray(at, lineEnd).toString('latin1')
    if (!/^[0-9a-f]+$/i.test(line)) return { message, rest: bytes.subarray(at) }
    const size = Number.parseInt(line, 16)
    at = lineEnd + 2
    if (size === 0) return readTrailers(message, bytes.subarray(at))
    message.chunks.push(bytes.subarray(at, at + size))
    at += size + 2
  }
}

function readTrailers(message: Message, bytes: Buffer): { message: Message; rest: Buffer } {
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd === -1) return { message, rest: bytes.subarray(at) }
    if (lineEnd === at) {
      message.isComplete = true
      return { message, rest: bytes.subarray(at + 2) }
    }
    message.trailers.push(fieldOf(bytes.subarray(at, lineEnd).toString('latin1')))
    at = lineEnd + 2
  }
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(':')
  return [line.slice(0, colon), line.slice(colon + 1).trim()]
}
