// One process of stampede.test.ts. Its handler asks an origin that the test holds in its hands. Prints its port.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createCache } from 'express-cacheable'
import { LightClient } from '../support/light-client.js'
import { quietExpress } from '../support/quiet-express.js'

const { redis, keyPrefix, leaseMs, origin } = JSON.parse(process.argv[2] ?? '{}')
const cache = createCache({ redis, keyPrefix, leaseMs, deadlineMs: 5_000 })
const client = new LightClient(60_000)
const app = quietExpress()

let arrivals = 0
app.get('/arrivals', async (_req, res) => {
  // Redis answers in order: whoever had arrived has heard from it by now, and has begun to wait.
  for (let roundTrips = 0; roundTrips < 3; roundTrips++) await cache.get('nothing')
  res.json(arrivals)
})
app.use((_req, _res, next) => {
  arrivals++
  next()
})
app.get('/rows/:id', cache.cacheable('row:{id}', 60), async (_req, res) => {
  const { status, text } = await client.ask('GET', `${origin}/${process.pid}`)
  res.status(status).json(JSON.parse(text))
})

await cache.ready(app)
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log((server.address() as AddressInfo).port)
