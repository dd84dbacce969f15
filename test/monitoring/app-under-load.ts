import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCache } from 'express-cacheable'
import { cacheMetrics } from 'express-cacheable/prometheus'
import { Redis } from 'ioredis'
import { Registry } from 'prom-client'
import { partsOf } from '#src/cache-parts.js'
import { hurryAudits } from '../support/hurried-audits.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'

const PREFIX = 'crm:'

/** An application that does all that is measured, again and again, until it is stopped. */
export interface AppUnderLoad {
  /** Host and port. */
  readonly target: string
  requests(): number
  stop(): Promise<void>
}

export async function startAppUnderLoad(redisUrl: string): Promise<AppUnderLoad> {
  const register = new Registry()
  const cache = createCache({
    ...{ redis: redisUrl, keyPrefix: PREFIX, dependencies: 'check', logger: recordingLogger() },
    audit: { sample: 1 },
  })
  hurryAudits(100, 1_000)
  cacheMetrics(cache, { register })
  const app = appOf(cache, register)
  await cache.ready(app)
  await layForeignKey(redisUrl)
  const server = createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const target = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const load = new Load(`http://${target}`)
  const running = load.run()
  return {
    target,
    requests: () => load.requests,
    async stop() {
      load.stop()
      await running
      server.closeAllConnections()
      server.close()
      await cache.close()
    },
  }
}

function appOf(cache: ReturnType<typeof createCache>, register: Registry) {
  const { derived } = partsOf(cache)
  derived.track()
  const app = quietExpress()
  app.get('/metrics', async (_req, res) => {
    res.type(register.contentType).send(await register.metrics())
  })
  app.get(
    '/customers/:id',
    cache.cacheable('customer:{id}', 60, { tags: ['customers'] }),
    async (req, res) => {
      await sleep(5)
      res.json({ id: req.params.id })
    },
  )
  app.get('/reports', cache.cacheable('reports', 1, { staleWhileRevalidate: 60 }), async (_req, res) => {
    await sleep(20)
    res.json({ report: true })
  })
  app.get('/slow', cache.cacheable('slow', 60), async (_req, res) => {
    await sleep(60)
    res.json({ slow: true })
  })
  app.get('/missing', cache.cacheable('missing', 60), (_req, res) => void res.status(404).json({}))
  app.get('/mine', cache.cacheable('mine', 60, { condition: () => false }), (_req, res) => void res.json({}))
  // No write evicts it, and it is another at each time.
  app.get('/clock', cache.cacheable('clock', 60), (_req, res) => void res.json({ now: performance.now() }))
  app.put('/customers/:id', cache.evict('customer:{id}'), (_req, res) => void res.json({}))
  app.put('/slow', cache.evict('slow', { crashSafe: true }), (_req, res) => void res.json({}))
  app.put('/failing', cache.evict('slow'), (_req, res) => void res.status(500).json({}))
  // As a tracker tells of a commit: it changes what customers were made from, and evicts something else.
  app.put('/forgetful', cache.evict('slow'), async (_req, res) => {
    const prepared = await derived.prepare(['customers'])
    await derived.committed(['customers'], prepared)
    res.json({})
  })
  return app
}

/** A hash of somebody else's where an answer would be. */
async function layForeignKey(redisUrl: string): Promise<void> {
  const client = new Redis(redisUrl)
  await client.hset(`${PREFIX}customer:foreign`, 'a', '1')
  client.disconnect()
}

class Load {
  requests = 0
  readonly #url: string
  #isStopped = false

  constructor(url: string) {
    this.#url = url
  }

  stop(): void {
    this.#isStopped = true
  }

  async run(): Promise<void> {
    for (let round = 0; !this.#isStopped; round++) {
      const reads = ['/reports', '/missing', '/mine', '/clock', '/customers/foreign']
      for (let nth = 0; nth < 5; nth++) reads.push(`/customers/${(round + nth) % 20}`)
      await Promise.all(reads.map((path) => this.#ask(path)))
      await this.#ask(`/customers/${round % 20}`, 'PUT')
      await this.#ask('/failing', 'PUT')
      await this.#ask('/forgetful', 'PUT')
      // Two at once share a load, and an eviction meanwhile refuses it.
      const slow = [this.#ask('/slow'), this.#ask('/slow')]
      await sleep(10)
      await this.#ask('/slow', 'PUT')
      await Promise.all(slow)
    }
  }

  async #ask(path: string, method = 'GET'): Promise<void> {
    this.requests++
    const response = await fetch(this.#url + path, { method })
    await response.arrayBuffer()
  }
}
