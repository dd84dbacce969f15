import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { Cacheable, CacheEvict, createCache } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { Get, JsonController, Param, Put, QueryParam } from 'routing-controllers'

@JsonController()
class NameController {
  name = 'Ada'

  @Get('/names/:id')
  @Cacheable('name:{id}', '10m')
  get(@Param('id') id: string) {
    return { id, name: this.name }
  }

  @Put('/names/:id')
  @CacheEvict('name:{id}')
  put(@Param('id') id: string, @QueryParam('name') name: string) {
    this.name = name
    return { id, name }
  }
}

const cache = createCache({ redis: process.env.REDIS_URL, deadlineMs: 5_000 })
const app = express()

async function start(): Promise<void> {
  await registerControllers(app, cache, { controllers: [NameController] })
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
