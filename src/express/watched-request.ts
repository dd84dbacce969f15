import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** What is read beside headers, under names that no header can have. */
export const ADDRESS = '(address)'
/** Whether Express believes the peer what it says of host and protocol. */
export const TRUST = '(trust)'

/** What Express makes of the peer's address no more than whether to believe the peer. */
const BY_TRUST = ['protocol', 'secure', 'hostname', 'host', 'subdomains'] as const
/** Who asks, in more ways than can be told apart. */
const OF_PEER = ['remotePort', 'authorized', 'getPeerCertificate', 'getPeerX509Certificate'] as const

const WATCHES = new WeakMap<IncomingMessage, RequestWatch>()
const WATCHES_OF_SOCKET = new WeakMap<Socket, Set<RequestWatch>>()

/** A request as it came: middleware may write over what it has read. */
export type Asked = Pick<IncomingMessage, 'url' | 'headers' | 'socket'>

/** Notes what an application reads of a request beside its method and URL. */
export class RequestWatch {
  readonly asked: Asked
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly #names = new Set<string>()
  #readsAll = false
  #isOver = false
  #asksForTrust = 0

  constructor({ url = '', headers, rawHeaders, socket }: IncomingMessage) {
    this.asked = { url, headers: { ...headers }, socket }
    this.headers = headers
    this.rawHeaders = rawHeaders
  }

  /** What has been read so far; `null` if that is more than names can say. */
  get names(): ReadonlySet<string> | null {
    return this.#readsAll ? null : this.#names
  }

  note(name: string | symbol): void {
    if (this.#isOver || typeof name === 'symbol') return
    if (name !== ADDRESS || this.#asksForTrust === 0) this.#names.add(name)
  }

  noteAll(): void {
    if (!this.#isOver) this.#readsAll = true
  }

  askingForTrust<Answer>(ask: () => Answer): Answer {
    this.note(TRUST)
    this.#asksForTrust += 1
    try {
      return ask()
    } finally {
      this.#asksForTrust -= 1
    }
  }

  end(): void {
    this.#isOver = true
  }
}

/** Begins to note what is read of a request. It ends with `RequestWatch.end`, or with the connection. */
export function watchRequest(req: IncomingMessage): void {
  const watch = new RequestWatch(req)
  WATCHES.set(req, watch)
  watchHeaders(req, watch)
  for (const name of BY_TRUST) {
    accessor(req, name, () => watch.askingForTrust(() => Reflect.get(Object.getPrototypeOf(req), name, req)))
  }
  watchSocket(req.socket, watch)
  req.once('close', () => WATCHES_OF_SOCKET.get(req.socket)?.delete(watch))
}

/** What has been noted of a request, if it is watched. */
export function watchOf(req: IncomingMessage): RequestWatch | undefined {
  return WATCHES.get(req)
}

/** The headers as they are, for the cache's own reading: what that depends on is judged anew for each answer. */
export function unwatchedHeaders(req: IncomingMessage): IncomingHttpHeaders {
  return WATCHES.get(req)?.headers ?? req.headers
}

/** The same as they came, name by name. */
export function unwatchedRawHeaders(req: IncomingMessage): readonly string[] {
  return WATCHES.get(req)?.rawHeaders ?? req.rawHeaders
}

function watchHeaders(req: IncomingMessage, watch: RequestWatch): void {
  const { headers, rawHeaders } = watch
  req.headers = new Proxy(headers, {
    get(target, name) {
      watch.note(name)
      return Reflect.get(target, name)
    },
    has(target, name) {
      watch.note(name)
      return Reflect.has(target, name)
    },
    getOwnPropertyDescriptor(target, name) {
      watch.note(name)
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
    ownKeys(target) {
      watch.noteAll()
      return Reflect.ownKeys(target)
    },
  })
  accessor(req, 'rawHeaders', () => {
    watch.noteAll()
    return rawHeaders
  })
  accessor(req, 'headersDistinct', () => {
    watch.noteAll()
    return Reflect.get(Object.getPrototypeOf(req), 'headersDistinct', req)
  })
}

/** A connection serves several requests, also at once, so each read counts for all that are under way. */
function watchSocket(socket: Socket, watch: RequestWatch): void {
  const known = WATCHES_OF_SOCKET.get(socket)
  known?.add(watch)
  if (known) return
  const watches = new Set([watch])
  WATCHES_OF_SOCKET.set(socket, watches)
  overProperty(socket, 'remoteAddress', () => {
    for (const one of watches) one.note(ADDRESS)
  })
  for (const name of OF_PEER) {
    if (!(name in socket)) continue
    overProperty(socket, name, () => {
      for (const one of watches) one.noteAll()
    })
  }
}

/** Calls `heard` whenever a property is read, which else stays what it is. */
function overProperty(target: object, name: string, heard: () => void): void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  accessor(target, name, () => {
    heard()
    return own ? own.value : Reflect.get(Object.getPrototypeOf(target), name, target)
  })
}

function accessor(target: object, name: string, get: () => unknown): void {
  Object.defineProperty(target, name, {
    configurable: true,
    get,
    set: (value) => Object.defineProperty(target, name, { value, configurable: true, writable: true }),
  })
}
