// The cache comes by `require`, the decorators by `import`: they have to know each other.
import { createRequire } from 'node:module'
import express from 'express'
import { Cacheable, CacheEvict } from 'express-cacheable'

const { createCache } = createRequire(import.meta.url)('express-cacheable')

class Names {
  name = 'Ada'

  get(req, res) {
    res.json({ id: req.params.id, name: this.name })
  }

  put(req, res) {
    this.name = req.query.name
    res.json({ id: req.params.id, name: this.name })
  }
}

decorate('get', Cacheable('name:{id}', '10m'))
decorate('put', CacheEvict('name:{id}'))

/** As compilers apply a legacy decorator. */
function decorate(method, decorator) {
  decorator(Names.prototype, method, Object.getOwnPropertyDescriptor(Names.prototype, method))
}

const cache = createCache({ redis: process.env.REDIS_URL, deadlineMs: 5_000 })
const app = express()
const names = cache.handlers(new Names())

app.get('/names/:id', names.get)
app.put('/names/:id', names.put)
app.post('/stop', (_req, res) => {
  res.json({})
  server.close()
  cache.close()
})

await cache.ready(app)
const server = app.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
