import { fileURLToPath } from 'node:url'
import compression from 'compression'
import cookieSession from 'cookie-session'
import cors from 'cors'
import type { Request, RequestHandler } from 'express'
import { rateLimit } from 'express-rate-limit'
import session from 'express-session'
import helmet from 'helmet'
import morgan from 'morgan'
import responseTime from 'response-time'
import serveStatic from 'serve-static'
import type { Probe } from '../probe.js'
import { type Shape, type ShapeHandler, shapesOf } from '../shape.js'

type Maker = (probe: Probe) => RequestHandler[]

const FOLDER = fileURLToPath(new URL('../../../../docs', import.meta.url))
const COOKIE_SESSION = { name: 'sid', keys: ['a key of the test'], maxAge: 3_600_000 }

function expressSession(options: Partial<session.SessionOptions> = {}): RequestHandler {
  let count = 0
  const genid = (): string => {
    count += 1
    return `session-${count}`
  }
  return session({
    secret: 'a secret of the test',
    resave: false,
    saveUninitialized: false,
    genid,
    ...options,
  })
}

function logged(probe: Probe, format: string, options: morgan.Options<Request, never> = {}): RequestHandler {
  const stream = { write: (line: string) => probe.saw('logged', line.trim()) }
  return morgan(format, { ...(options as object), stream }) as unknown as RequestHandler
}

/** What real middleware does to a response, each by itself. */
const MIDDLEWARE: Readonly<Record<string, Maker>> = {
  compression: () => [compression({ threshold: 0 })],
  'compression of what is long': () => [compression()],
  'cookie-session': () => [cookieSession(COOKIE_SESSION) as RequestHandler],
  'cookie-session that is used': () => [cookieSession(COOKIE_SESSION) as RequestHandler, usesSession],
  'express-session': () => [expressSession()],
  'express-session that is used': () => [expressSession(), usesSession],
  'express-session for all': () => [expressSession({ saveUninitialized: true })],
  'express-session that rolls': () => [expressSession({ rolling: true, resave: true }), usesSession],
  morgan: (probe) => [logged(probe, ':method :url :status :res[content-length] :res[x-a]')],
  'morgan at once': (probe) => [logged(probe, ':method :url', { immediate: true })],
  cors: () => [cors()],
  'cors for one origin': () => [
    cors({ origin: 'https://a.test', credentials: true, exposedHeaders: ['X-A'] }),
  ],
  'cors that reflects': () => [cors({ origin: true })],
  'serve-static': () => [serveStatic(FOLDER)],
  helmet: () => [helmet()],
  'express-rate-limit': () => [rateLimit({ limit: 100, validate: false })],
  'express-rate-limit by the draft': () => [
    rateLimit({ limit: 100, standardHeaders: 'draft-7', legacyHeaders: false, validate: false }),
  ],
  'express-rate-limit that skips': () => [
    rateLimit({ limit: 100, skipFailedRequests: true, validate: false }),
  ],
  'response-time': () => [responseTime()],
  'all of them': (probe) => [
    logged(probe, ':status'),
    responseTime(),
    helmet(),
    cors(),
    compression({ threshold: 0 }),
    expressSession(),
  ],
}

const ANSWERS: Readonly<Record<string, ShapeHandler>> = {
  JSON: (_req, res) => void res.set('X-A', '1').json({ a: 'long '.repeat(300) }),
  pieces: (_req, res) => {
    res.setHeader('Content-Type', 'text/plain')
    res.write('one')
    res.end('two')
  },
  'an error': (_req, _res, next) => next(new Error('boom')),
}

/** Real middleware, in front of the cache and behind it. */
export const MIDDLEWARE_SHAPES: readonly Shape[] = Object.entries(MIDDLEWARE).flatMap(([title, make]) =>
  Object.entries(ANSWERS).flatMap(([answer, handler]) => {
    const headers = { Origin: 'https://a.test', 'Accept-Encoding': 'gzip', Cookie: 'other=1' }
    return shapesOf('middleware', {
      [`${title}, in front of ${answer}`]: { headers, front: make, handler },
      [`${title}, behind, with ${answer}`]: { headers, behind: make, handler },
    })
  }),
)

function usesSession(...[req, , next]: Parameters<RequestHandler>): void {
  const { session: current } = req as Request & { session: { seen?: number } }
  current.seen = (current.seen ?? 0) + 1
  next()
}
