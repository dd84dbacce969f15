import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import { IsString } from 'class-validator'
import express from 'express'
import { Cacheable, CacheEvict, createCache } from 'express-cacheable'
import { registerControllers } from 'express-cacheable/routing-controllers'
import { Authorized, Body, Get, JsonController, Param, Put } from 'routing-controllers'

class CustomerUpdate {
  @IsString()
  name!: string
}

@JsonController('/customers')
class CustomerController {
  readonly #names = new Map([['42', 'Ada']])
  #loads = 0

  @Get('/:id')
  @Authorized()
  @Cacheable('customer:{id}', 600)
  getCustomer(@Param('id') id: string) {
    this.#loads++
    return { id, name: this.#names.get(id), loads: this.#loads }
  }

  @Put('/:id')
  @CacheEvict(['customer:{id}'])
  updateCustomer(@Param('id') id: string, @Body() { name }: CustomerUpdate) {
    this.#names.set(id, name)
    return { id, name }
  }
}

const app = express()
const cache = createCache({ redis: process.env.REDIS_URL })

registerControllers(app, cache, {
  controllers: [CustomerController],
  authorizationChecker: ({ request }) => request.headers.authorization === 'Bearer let-me-in',
})

await cache.ready(app)
const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
