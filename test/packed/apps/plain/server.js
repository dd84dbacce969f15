import express from 'express'
import { createCache } from 'express-cacheable'

const names = new Map([['42', 'Ada']])
let loads = 0

const app = express()
const cache = createCache()

app.use(express.json())

app.get('/customers/:id', cache.cacheable('customer:{id}', '10m'), (req, res) => {
  loads++
  res.json({ id: req.params.id, name: names.get(req.params.id), loads })
})

app.put('/customers/:id', cache.evict('customer:{id}'), (req, res) => {
  names.set(req.params.id, req.body.name)
  res.json({ id: req.params.id, name: req.body.name })
})

await cache.ready(app)
const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`)
})
