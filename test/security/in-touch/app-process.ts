// One process of the fault matrix. Its rows lie with the run, as in a database. Prints its port.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createCache } from 'express-cacheable'
import { KEEP_ALIVE_MS } from '../../support/http.js'
import { LightClient } from '../../support/light-client.js'
import { quietExpress } from '../../support/quiet-express.js'
import { clientKind } from '../../support/redis-clients.js'

const { options, database, client } = JSON.parse(process.argv[2] ?? '{}')
const redis = client ? clientKind(client).open(options.redis).client : options.redis
const cache = createCache({ ...options, redis })
const app = quietExpress()
const rows = new LightClient(60_000)

app.get('/status', (_req, res) => void res.json(cache.status()))
app.get('/rows/:id', cache.cacheable('row:{id}', 600), async (req, res) => {
  res.json(JSON.parse((await rows.ask('GET', `${database}/rows/${req.params.id}`)).text))
})
app.put('/rows/:id', cache.evict('row:{id}'), async (req, res) => {
  res.json(JSON.parse((await rows.ask('PUT', `${database}/rows/${req.params.id}`)).text))
})

await cache.ready(app)
const server = app.listen(0, '127.0.0.1')
server.keepAliveTimeout = KEEP_ALIVE_MS
await once(server, 'listening')
console.log((server.address() as AddressInfo).port)
