import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Express, RequestHandler } from 'express'
import { createCache } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { type Gate, gate } from '../support/gate.js'
import { listen } from '../support/http.js'
import { openRaw } from '../support/raw-http.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

for (const { name, createApp } of EXPRESS_VERSIONS) {
  describe(`a write whose client may go away (${name})`, () => {
    const closing: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const close of closing.splice(0)) await close()
    })

    async function serve(write: RequestHandler, mount: (app: Express) => void = () => {}) {
      const logger = recordingLogger()
      const cache = createCache({ logger, leaseMs: 300 })
      const evicted: string[][] = []
      cache.observe((event) => {
        if (event.type === 'evict') evicted.push([...event.targets])
      })
      const app = createApp()
      mount(app)
      app.get('/a', cache.cacheable('a', 60), (_req, res) => void res.json({}))
      app.put('/a', cache.evict('a'), write)
      await cache.ready(app)
      const server = await listen(app)
      closing.push(
        () => server.close(),
        () => cache.close(),
      )
      return {
        cache,
        logger,
        evicted,
        url: server.url,
        ask: (init?: RequestInit) => answerOf(`${server.url}/a`, init),
      }
    }

    /** A client that goes away while the handler waits, and what the handler does then. */
    async function leave(after: (res: Parameters<RequestHandler>[1]) => void, isAsync = true) {
      const arrived = gate()
      const committed: Gate = gate()
      const handler: RequestHandler = async (_req, res) => {
        arrived.open()
        await new Promise((resolve) => res.once('close', resolve))
        await committed.wait
        after(res)
      }
      const served = await serve(isAsync ? handler : (req, res, next) => void handler(req, res, next))
      const socket = await openRaw(served.url, { method: 'PUT', target: '/a' })
      await arrived.wait
      socket.destroy()
      await until('the eviction at its close', () => served.evicted.length === 1)
      committed.open()
      return served
    }

    it('is settled when its connection closes, and again when its handler is done', async () => {
      const { evicted } = await leave((res) => {
        if (res.closed) return
        res.json({})
      })
      await until('the eviction after its commit', () => evicted.length === 2)
    })

    it('is settled again when a handler ends what is closed', async () => {
      const { evicted } = await leave((res) => void res.end('late'), false)
      await until('the eviction after its commit', () => evicted.length === 2)
    })

    it('is settled again in the end where a handler gives no sign', async () => {
      const { evicted } = await leave(() => {}, false)
      await until('the eviction after the lease', () => evicted.length === 2)
    })

    it('is settled once where all goes well', async () => {
      const { ask, evicted } = await serve((_req, res) => void res.json({}))
      await ask({ method: 'PUT' })
      await sleep(350)
      expect(evicted).to.deep.equal([['a']])
    })

    it('is counted, and told at debug, if it fails', async () => {
      const { ask, cache, logger, evicted } = await serve((_req, res) => void res.status(404).json({}))
      await ask({ method: 'PUT' })
      expect(cache.stats().failedWrites).to.equal(1)
      expect(logger.at('debug').join('\n')).to.include('answered 404, so it evicts nothing')
      expect(evicted).to.deep.equal([])
    })
  })
}
