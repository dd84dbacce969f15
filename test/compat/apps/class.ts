import type { AddressInfo } from 'node:net'
import express, { type Request, type Response } from 'express'
import { Cacheable, CacheEvict, createCache } from 'express-cacheable'

class Names {
  name = 'Ada'

  @Cacheable('name:{id}', '10m')
  async get(req: Request, res: Response): Promise<void> {
    res.json({ id: req.params.id, name: this.name })
  }

  @CacheEvict('name:{id}')
  async put(req: Request, res: Response): Promise<void> {
    this.name = String(req.query.name)
    res.json({ id: req.params.id, name: this.name })
  }
}

const cache = createCache({ redis: process.env.REDIS_URL, deadlineMs: 5_000 })
const app = express()
const names = cache.handlers(new Names())

app.get('/names/:id', names.get)
app.put('/names/:id', names.put)

async function start(): Promise<void> {
  await cache.ready(app)
  const server = app.listen(0, '127.0.0.1', () => {
    console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  })
  // The process has to end by itself then.
  app.post('/stop', (_req, res) => {
    res.json({})
    server.close()
    void cache.close()
  })
}

void start()
