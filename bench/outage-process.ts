// A small app in a process of its own, with a cache if it is given a Redis, without one if not. It ends when the
// channel to the bench closes.
import express, { type RequestHandler } from 'express'
import { cacheStats, createCache } from 'express-cacheable'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { listen } from '#demo/http/listen.js'
import { silentLogger } from '#demo/logger.js'
import { customer } from './crm.js'

const KEY = 'customer:{id}'
const TTL_SECONDS = 60

const redisUrl = process.argv[2]
const cache = redisUrl ? createCache({ redis: redisUrl, logger: silentLogger }) : undefined

// A Ctrl-C reaches the bench too, which then closes the channel.
process.on('SIGINT', () => {})
process.once('disconnect', stop)

const app = express()
const answer: RequestHandler<{ id: string }> = ({ params }, res) => void res.json(customer(Number(params.id)))
if (cache) {
  app.get('/customers/:id', cache.cacheable(KEY, TTL_SECONDS), answer)
  app.put('/customers/:id', cache.evict(KEY), answer)
  app.get('/stats', cacheStats(cache))
  await cache.ready(app)
} else {
  app.get('/customers/:id', answer)
  app.put('/customers/:id', answer)
}
const { port } = await listen(app, { host: DEFAULT_CONFIG.host, port: 0 })
process.send?.(`http://${DEFAULT_CONFIG.host}:${port}`)

async function stop(): Promise<void> {
  await cache?.close()
  process.exit()
}
