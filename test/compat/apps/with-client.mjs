import express from 'express'
import { createCache } from 'express-cacheable'
import { client, end } from './client.mjs'

const cache = createCache({ redis: client, deadlineMs: 5_000 })
const app = express()
let name = 'Ada'

app.get('/names/:id', cache.cacheable('name:{id}', '10m'), (req, res) => {
  res.json({ id: req.params.id, name })
})
app.put('/names/:id', cache.evict('name:{id}'), (req, res) => {
  name = req.query.name
  res.json({ id: req.params.id, name })
})
// The process has to end by itself then.
app.post('/stop', (_req, res) => {
  res.json({})
  server.close()
  cache.close().then(end)
})

await cache.ready(app)
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
