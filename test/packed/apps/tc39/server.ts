import type { AddressInfo } from 'node:net'
import express, { type Request, type Response } from 'express'
import { Cacheable, CacheEvict, createCache } from 'express-cacheable'

class CustomerController {
  readonly #names = new Map([['42', 'Ada']])
  #loads = 0

  @Cacheable('customer:{id}', 600)
  async getCustomer(req: Request<{ id: string }>, res: Response) {
    this.#loads++
    res.json({ id: req.params.id, name: this.#names.get(req.params.id), loads: this.#loads })
  }

  @CacheEvict(['customer:{id}'])
  async updateCustomer(req: Request<{ id: string }>, res: Response) {
    this.#names.set(req.params.id, req.body.name)
    res.json({ id: req.params.id, name: req.body.name })
  }
}

const app = express()
const cache = createCache()
const customers = cache.handlers(new CustomerController())

app.use(express.json())
app.get('/customers/:id', customers.getCustomer)
app.put('/customers/:id', customers.updateCustomer)

await cache.ready(app)
const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
