import type { CreateService } from '../service.js'
import { CustomerController } from './customer.controller.js'
import { CustomerEvents } from './customer.events.js'
import { CustomerService } from './customer.service.js'

const WARMED_CUSTOMERS = 100

export const createCustomerService: CreateService = ({ prisma, cache, outbox, evictions }) => {
  const customers = new CustomerService(prisma, outbox)
  return {
    controllers: [new CustomerController(customers)],
    eventHandlers: [new CustomerEvents(customers, cache, evictions)],
    warm: () =>
      cache.warm({
        name: 'customers',
        key: 'customer:{id}',
        ttl: 600,
        load: () => customers.newest(WARMED_CUSTOMERS),
      }),
  }
}
