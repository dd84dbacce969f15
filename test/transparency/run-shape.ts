import { type EventEmitter, once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express'
import type { ExpressVersion } from '../support/express-versions.js'
import { type Gate, gate } from '../support/gate.js'
import type { Ahead, Mode, Mounted } from './modes.js'
import { nameOf, Probe } from './probe.js'
import { takeProcessTrouble } from './process-trouble.js'
import { FIRST, LAST, RawClient, type Received, SHAPE, type Wire } from './raw-client.js'
import type { Shape } from './shape.js'

/** What one request of a shape led to. */
export interface Exchange {
  readonly wire: Wire
  readonly method: string
  readonly received: Received
  /** What handler and middleware saw. */
  readonly log: readonly string[]
  /** Whether the handler ran. */
  readonly isHandled: boolean
  /** What reached the process. */
  readonly trouble: readonly string[]
}

const UNCLOSED_AFTER_MS = 250
/** Turns of the event loop in which what is left of a request is over. */
const LAST_TURNS = 4

/** Asks a shape as often as the mode wants, with `mounted` before its handler. */
export async function runShape(
  shape: Shape,
  { kind, exchanges, ahead }: Pick<Mode, 'kind' | 'exchanges' | 'ahead'>,
  { createApp }: ExpressVersion,
  mounted: Mounted,
  wire: Wire,
): Promise<Exchange[]> {
  const method = kind === 'write' ? 'PUT' : shape.isHead ? 'HEAD' : 'GET'
  let run = new ShapeRun()
  const probe = sharedProbe(() => run)
  const inFront = shape.front?.(probe) ?? []
  const app = createApp()
  for (const [name, value] of shape.settings ?? []) app.set(name, value)
  if (!ahead) for (const middleware of inFront) app.use(middleware)
  mount(app, shape, kind === 'write' ? 'put' : 'get', mounted.rule, probe, () => run)
  await mounted.ready(app)
  const listener = mounted.listenerOf(app)
  const server = await serve(ahead ? behind(ahead, inFront, listener, createApp) : listener, () => run)
  const { port } = server.address() as AddressInfo
  takeProcessTrouble()
  const results: Exchange[] = []
  for (let at = 0; at < exchanges; at += 1) {
    run = new ShapeRun()
    const client = new RawClient(port, shape, method)
    run.client = client
    const received = await client.exchange(wire)
    await run.isOver()
    await mounted.settled()
    const { probe, isHandled } = run
    results.push({ wire, method, received, log: probe.log, isHandled, trouble: takeProcessTrouble() })
    if (received.end === 'hung') break
  }
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
  return results
}

/** One request of a shape, as the server sees it. */
class ShapeRun {
  readonly probe = new Probe(() => this.client?.leave())
  readonly responses = new Set<ServerResponse>()
  /** Opens when the shape's request has come in. */
  readonly arrived: Gate = gate()
  client: RawClient | undefined
  isHandled = false

  async isOver(): Promise<void> {
    const open = [...this.responses].filter((res) => !res.closed && !res.req.socket.closed)
    // A response that waits behind another for its socket never hears that the socket has closed.
    const closed = Promise.all(open.map((res) => Promise.race([res, res.req.socket].map(closing))))
    const inTime = await Promise.race([
      Promise.all([closed, this.probe.settled()]).then(() => true),
      sleep(UNCLOSED_AFTER_MS, false, { ref: false }),
    ])
    if (!inTime) this.probe.saw('never closed, or never settled')
    for (let turns = 0; turns < LAST_TURNS; turns += 1) await turn()
  }
}

function closing(emitter: EventEmitter): Promise<unknown> {
  return new Promise((resolve) => emitter.once('close', resolve))
}

/** Middleware keeps its state from one request to the next, and tells the probe of the one that runs. */
function sharedProbe(current: () => ShapeRun): Probe {
  return new Proxy({} as Probe, {
    get: (_target, name) => {
      const value = Reflect.get(current().probe, name)
      return typeof value === 'function' ? value.bind(current().probe) : value
    },
  })
}

/** Puts middleware ahead of a whole application. */
function behind(
  ahead: Ahead,
  inFront: readonly RequestHandler[],
  listener: RequestListener,
  createApp: ExpressVersion['createApp'],
): RequestListener {
  if (ahead === 'an application') {
    const app = createApp()
    for (const middleware of inFront) app.use(middleware)
    return app.use((req, res) => void listener(req, res))
  }
  return inFront.reduceRight<RequestListener>(
    (next, middleware) => (req, res) => middleware(req as Request, res as Response, () => next(req, res)),
    listener,
  )
}

/** Puts a shape into an application. */
function mount(
  app: Express,
  shape: Shape,
  verb: 'get' | 'put',
  rule: RequestHandler | undefined,
  probe: Probe,
  current: () => ShapeRun,
): void {
  const handler: RequestHandler = (req, res, next) => {
    const run = current()
    run.isHandled = true
    run.probe.watch(res)
    const result = shape.handler(req, res, next, run.probe)
    if (!(result instanceof Promise)) return
    // Express 4 leaves a rejection to the process, so what it gets is a promise that nobody has looked at.
    const isOver = gate()
    run.probe.waitsFor(isOver.wait)
    return (async () => {
      try {
        await result
      } finally {
        isOver.open()
      }
    })() as never
  }
  app[verb](SHAPE, ...(rule ? [rule] : []), ...(shape.behind?.(probe) ?? []), handler)
  const onError: ErrorRequestHandler = (error, _req, _res, next) => {
    current().probe.saw('error handler', nameOf(error))
    // Express answers with the stack, which has our own lines in it.
    if (error instanceof Error) error.stack = nameOf(error)
    next(error)
  }
  app.use(onError)
}

async function serve(listener: (...args: never[]) => unknown, current: () => ShapeRun): Promise<Server> {
  const server = createServer((req, res) => {
    const run = current()
    if (req.url === FIRST) {
      void run.arrived.wait.then(() => res.end('first'))
    } else if (req.url === LAST) {
      res.end('last')
    } else {
      run.responses.add(res)
      void untilUnderWay(run, res).then(run.arrived.open)
      Reflect.apply(listener, server, [req, res])
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** Resolves some turns after the handler has begun, or the answer has come from elsewhere. */
async function untilUnderWay(run: ShapeRun, res: ServerResponse): Promise<void> {
  const deadline = performance.now() + UNCLOSED_AFTER_MS
  while (!run.isHandled && !res.writableEnded && performance.now() < deadline) await turn()
  for (let turns = 0; turns < 10; turns += 1) await turn()
}
