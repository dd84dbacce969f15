import express from 'express'
import { createCache } from 'express-cacheable'

export function createApp(options = {}) {
  const cache = createCache(options)
  const names = new Map()
  const app = express().use(express.json())

  app.get('/customers/:id', cache.cacheable('customer:{id}', '10m'), (req, res) => {
    res.json({ name: names.get(req.params.id) })
  })
  app.put('/customers/:id', cache.evict('customer:{id}'), (req, res) => {
    names.set(req.params.id, req.body.name)
    res.sendStatus(204)
  })
  return { app, cache, names }
}
