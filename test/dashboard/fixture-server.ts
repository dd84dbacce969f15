import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { PROJECT_ROOT } from '../support/project-root.js'
import * as data from './fixture-data.js'

const PAGES = join(PROJECT_ROOT, 'dist/dashboard/pages')
const MOUNT = '/some/prefix/cache/'
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

type Answers = Readonly<Record<string, (query: URLSearchParams) => unknown>>

const ANSWERS: Answers = {
  'api/overview': () => data.overview(),
  'api/rules': data.rules,
  'api/map': data.map,
  'api/keys': data.keys,
  'api/key': (query) => data.key(query.get('key') ?? ''),
  'api/events': data.events,
  'api/explain': data.explanations,
  'api/preview': data.preview,
  'api/evict': () => ({ removed: 3 }),
}

/** An answer that says what is wrong. */
export class ServedFault {
  constructor(
    readonly status: number,
    readonly message: string,
    readonly mend: string,
  ) {}
}

/** A server with the pages and with answers that a test chooses. */
export class FixtureServer {
  readonly #streams = new Set<ServerResponse>()
  readonly #server = createServer((req, res) => this.#answer(req, res))
  #answers: Answers = ANSWERS
  #url = ''

  static async start(): Promise<FixtureServer> {
    const fixture = new FixtureServer()
    fixture.#server.listen(0, '127.0.0.1')
    await once(fixture.#server, 'listening')
    fixture.#url = `http://127.0.0.1:${(fixture.#server.address() as AddressInfo).port}${MOUNT}`
    return fixture
  }

  get url(): string {
    return this.#url
  }

  /** Answers otherwise from now on; with nothing, as it does by itself. */
  answerWith(answers: Answers = {}): void {
    this.#answers = { ...ANSWERS, ...answers }
  }

  /** Tells all pages that are connected. */
  tell(event: 'overview' | 'events', body: unknown): void {
    for (const stream of this.#streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(body)}\n\n`)
  }

  /** Breaks the connections of all pages. */
  breakOff(): void {
    for (const stream of this.#streams) stream.destroy()
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    const { pathname, searchParams } = new URL(req.url ?? '', this.#url)
    const path = pathname.startsWith(MOUNT) ? pathname.slice(MOUNT.length) : pathname
    if (path === 'api/live') this.#stream(res)
    else if (path.startsWith('api/')) this.#sendJson(res, this.#answers[path]?.(searchParams))
    else sendFile(res, path === '' ? 'index.html' : path)
  }

  #stream(res: ServerResponse): void {
    const overview = this.#answers['api/overview']?.(new URLSearchParams())
    if (overview instanceof ServedFault) {
      this.#sendJson(res, overview)
      return
    }
    res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    this.#streams.add(res)
    res.on('close', () => this.#streams.delete(res))
    this.tell('overview', overview)
  }

  #sendJson(res: ServerResponse, body: unknown): void {
    const fault = body instanceof ServedFault ? body : undefined
    res.writeHead(fault?.status ?? 200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    res.end(JSON.stringify(fault ? { error: { message: fault.message, mend: fault.mend } } : body))
  }
}

/** As the dashboard serves them. */
function sendFile(res: ServerResponse, path: string): void {
  const type = TYPES[extname(path)]
  if (!type || path.includes('..')) {
    res.writeHead(404).end()
    return
  }
  res.writeHead(200, { 'Content-Type': type, 'Content-Security-Policy': "default-src 'self'" })
  res.end(readFileSync(join(PAGES, path)))
}
