// An ES module that makes its application in a function, with two mistakes.
import express from 'express'
import { createCache } from 'express-cacheable'

export function makeApp() {
  const cache = createCache()
  const app = express()
  const none = (_req, res) => res.json([])
  app.get('/customers/:id', cache.cacheable('customer:{id}', '10m'), none)
  app.get('/customers/me', cache.cacheable('customer:me', '10m'), none)
  app.put('/customers/:id', cache.evict('custmer:{id}'), none)
  return app
}
