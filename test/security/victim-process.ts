// An application in a process of its own, for what may end a process. Prints its port.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type CacheableOptions, createCache, type FrontOptions } from 'express-cacheable'
import { quietExpress } from '../support/quiet-express.js'

interface Victim {
  readonly options: object
  readonly front: boolean
  /** Which callback of the user's does what it must not. */
  readonly mistake?: keyof typeof MISTAKES
}

const fail = (): never => {
  throw new Error('a mistake in a callback')
}
const reject = async (): Promise<never> => fail()
const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

interface Callbacks {
  readonly front?: FrontOptions
  readonly rule?: object
  readonly evict?: object
  readonly logger?: object
  readonly listener?: () => unknown
  readonly etag?: () => string
}

const MISTAKES = {
  'onFrontHit throws': { front: { onFrontHit: fail } },
  'onFrontHit decodes the URL': {
    front: { onFrontHit: ({ url = '' }) => void decodeURIComponent(url) },
  },
  'onFrontHit rejects': { front: { onFrontHit: reject } },
  'condition rejects': { rule: { visibility: 'shared', condition: () => reject() } },
  'unless rejects': { rule: { unless: () => reject() } },
  'the condition of a write rejects': { evict: { condition: () => reject() } },
  'the logger throws': { logger: { debug: fail, info: fail, warn: fail, error: fail } },
  'the logger rejects': { logger: { debug: reject, info: reject, warn: reject, error: reject } },
  'a listener throws': { listener: fail },
  'a listener rejects': { listener: reject },
  'the etag function throws': { etag: fail },
} satisfies Record<string, Callbacks>

export type Mistake = keyof typeof MISTAKES

const { options, front, mistake }: Victim = JSON.parse(process.argv[2] ?? '{}')
const callbacks: Callbacks = mistake === undefined ? {} : MISTAKES[mistake]

const cache = createCache({ logger: { ...log, ...callbacks.logger }, ...options })
if (callbacks.listener) cache.observe(callbacks.listener)
const app = quietExpress()
if (callbacks.etag) app.set('etag', callbacks.etag)
const rule: CacheableOptions = { visibility: 'public', ...callbacks.rule }
app.get('/alive', (_req, res) => void res.json({}))
app.get('/rows/:id', cache.cacheable('row:{id}', 600, rule), (req, res) => {
  res.json({ id: req.params.id, text: 'of the handler'.repeat(10) })
})
app.put('/rows/:id', cache.evict('row:{id}', callbacks.evict ?? {}), (_req, res) => void res.json({}))
app.get('/passed-on', cache.cacheable('passed-on', 600, rule), (_req, res) => {
  res.set('encoding-at-rest', 'br').type('text').send('of an upstream')
})

await cache.ready(app)
const server = createServer(front ? cache.front(app, callbacks.front) : app).listen(0, '127.0.0.1')
await once(server, 'listening')
console.log((server.address() as AddressInfo).port)
