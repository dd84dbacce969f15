// One process of the fault matrix. Its rows lie with the run, as in a database. Prints its port.
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createCache } from 'express-cacheable'
import { quietExpress } from '../../support/quiet-express.js'

const { options, database } = JSON.parse(process.argv[2] ?? '{}')
const cache = createCache(options)
const app = quietExpress()

app.get('/status', (_req, res) => void res.json(cache.status()))
app.get('/rows/:id', cache.cacheable('row:{id}', 600), async (req, res) => {
  res.json(await (await fetch(`${database}/rows/${req.params.id}`)).json())
})
app.put('/rows/:id', cache.evict('row:{id}'), async (req, res) => {
  res.json(await (await fetch(`${database}/rows/${req.params.id}`, { method: 'PUT' })).json())
})

await cache.ready(app)
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
console.log((server.address() as AddressInfo).port)
