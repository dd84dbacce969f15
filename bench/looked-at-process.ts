// A small app with a dashboard, in a process of its own, that says how much CPU it has used. It ends when the channel to
// the bench closes.
import express from 'express'
import { createCache } from 'express-cacheable'
import { cacheDashboard } from 'express-cacheable/dashboard'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { listen } from '#demo/http/listen.js'
import { silentLogger } from '#demo/logger.js'
import { customer } from './crm.js'

const [redis, keyPrefix] = process.argv.slice(2)
const cache = createCache({ redis, keyPrefix, logger: silentLogger, deadlineMs: 5_000 })

process.on('SIGINT', () => {})
process.once('disconnect', stop)
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.(user + system)
})

const app = express()
app.use('/admin/cache', cacheDashboard(cache, { guardedElsewhere: true }))
app.get('/customers/:id', cache.cacheable('customer:{id}', '1h'), ({ params }, res) => {
  res.json(customer(Number(params.id)))
})
await cache.ready(app)
const { port } = await listen(app, { host: DEFAULT_CONFIG.host, port: 0 })
process.send?.(`http://${DEFAULT_CONFIG.host}:${port}`)

async function stop(): Promise<void> {
  await cache.close()
  process.exit()
}
