// An application that is fuzzed, in a process of its own. `/turns` says how long its longest turn was. Prints its port.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RequestHandler } from 'express'
import { createCache } from 'express-cacheable'
import { quietExpress } from '../../support/quiet-express.js'
import { watchTurns } from './longest-turn.js'

interface Fuzzed {
  readonly options: object
  readonly kind: 'plain' | 'express' | 'front'
}

const { options, kind }: Fuzzed = JSON.parse(process.argv[2] ?? '{}')
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const cache = createCache({ logger: log, ...options })
const app = quietExpress().set('trust proxy', true)
const watch = watchTurns()

app.use((req, res, next) => {
  if (req.secure) res.set('Strict-Transport-Security', 'max-age=60')
  res.set('X-Host', req.hostname ?? 'none')
  next()
})
const rule = cache.cacheable('row:{id}:{query.q|none}', 600, {
  visibility: 'public',
}) as unknown as RequestHandler
const cached: RequestHandler = kind === 'plain' ? (_req, _res, next) => next() : rule
app.get('/turns', (_req, res) => void res.json(watch.longest()))
app.get('/rows/:id', cached, ({ params, query }, res) => {
  res.json({ id: params.id, q: query.q ?? null })
})

await cache.ready(app)
const server = createServer(kind === 'front' ? cache.front(app) : app).listen(0, '127.0.0.1')
await once(server, 'listening')
console.log((server.address() as AddressInfo).port)
