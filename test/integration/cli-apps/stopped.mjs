// An application that its own cache.ready() stops.
import express from 'express'
import { createCache } from 'express-cacheable'

const cache = createCache()
const app = express()
app.get('/customers/:id', cache.cacheable('customer:{customerId}', '10m'), (_req, res) => res.json([]))
await cache.ready(app)

export { app }
