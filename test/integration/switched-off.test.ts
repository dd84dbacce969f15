import { createServer, type Socket } from 'node:net'
import { expect } from 'chai'
import { createCache } from 'express-cacheable'
import { Redis } from 'ioredis'
import { answerOf } from '../support/answer-of.js'
import { listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'

describe('a cache that is switched off', () => {
  let port: number
  let connections: Socket[]
  let server: ReturnType<typeof createServer>

  beforeEach(async () => {
    connections = []
    server = createServer((socket) => connections.push(socket))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    port = (server.address() as { port: number }).port
  })
  afterEach(async () => {
    for (const socket of connections) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  const clients: Record<string, () => string | Redis> = {
    'of a URL': () => `redis://127.0.0.1:${port}`,
    'of a client that has not connected yet': () => new Redis({ port, host: '127.0.0.1', lazyConnect: true }),
  }
  for (const [title, makeClient] of Object.entries(clients)) {
    it(`opens no connection, ${title}, whatever is asked of it`, async () => {
      const logger = recordingLogger()
      const redis = makeClient()
      const cache = createCache({ redis, enabled: false, logger, crashSafe: true })
      let calls = 0
      const app = quietExpress()
      app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => void res.json({ call: ++calls }))
      app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => void res.json({}))
      await cache.ready(app)
      const { url, close } = await listen(app)
      for (const call of [1, 2]) {
        expect(await answerOf(`${url}/rows/1`)).to.include({ xCache: 'BYPASS', text: `{"call":${call}}` })
      }
      expect((await answerOf(`${url}/rows/1`, { method: 'PUT' })).status).to.equal(200)
      expect(await cache.wrap('rates', 60, () => 1)).to.equal(1)
      await cache.delete('row:1')
      await cache.clear()
      expect(cache.redis).to.equal(null)
      await close()
      await cache.close()
      if (typeof redis !== 'string') {
        expect(redis.status).to.equal('wait')
        redis.disconnect()
      }
      expect(connections).to.have.lengthOf(0)
      expect(logger.lines.filter(({ level }) => level === 'warn' || level === 'error')).to.deep.equal([])
    })
  }

  it('connects for its evictions, where these are to go on', async () => {
    const cache = createCache({
      redis: `redis://127.0.0.1:${port}`,
      enabled: 'evictions',
      logger: recordingLogger(),
    })
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => void res.json({}))
    const { url, close } = await listen(app)
    expect((await answerOf(`${url}/rows/1`)).xCache).to.equal('BYPASS')
    await cache.delete('row:1')
    expect(connections).to.have.lengthOf(1)
    await close()
    await cache.close()
  })
})
