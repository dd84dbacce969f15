import { expect } from 'chai'
import { type Cache, createCache } from 'express-cacheable'
import { retainedBytes } from '../support/heap.js'
import { type Listening, listen } from '../support/http.js'
import { LightClient } from '../support/light-client.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'

/** As docs/guides/speed.md says. */
const MOST_BYTES = 8 * 1024 * 1024
/** What else comes to be held meanwhile: code that is compiled, sockets. */
const ELSE_BYTES = 4 * 1024 * 1024
const URLS = 3_000
const HEADER_BYTES = 6_000

describe('the memory of the front lane', function () {
  this.timeout(120_000)
  let cache: Cache
  let server: Listening
  const client = new LightClient(30_000)
  after(async () => {
    client.close()
    await server.close()
    await cache.close()
  })

  it('is what the docs say, also where middleware sets long headers that differ', async () => {
    cache = createCache({ logger: recordingLogger(), maxMemoryBytes: 100_000 })
    const app = quietExpress()
    app.use(({ url }, res, next) => {
      // Two in a row agree, since they depend on the URL alone.
      res.set('Content-Security-Policy', url.padEnd(HEADER_BYTES, ' https://a.example'))
      next()
    })
    app.get('/rows', cache.cacheable('row', 600, { visibility: 'public' }), (_req, res) => void res.json({}))
    await cache.ready(app)
    server = await listen(cache.front(app))
    for (let turn = 0; turn < 3; turn++) await client.ask('GET', `${server.url}/rows`)
    const before = await retainedBytes()
    for (let nth = 0; nth < URLS; nth++) {
      for (let turn = 0; turn < 2; turn++) await client.ask('GET', `${server.url}/rows?nth=${nth}`)
    }
    expect((await retainedBytes()) - before).to.be.lessThan(MOST_BYTES + ELSE_BYTES)
  })
})
