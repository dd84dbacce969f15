import { type Cache, CacheEvict, OnEvent } from 'express-cacheable'
import type { Evictions } from '../../config.js'
import type { CrmEvent } from '../../events.js'
import type { CustomerService } from './customer.service.js'

/** What the customer service does when something happens elsewhere. */
export class CustomerEvents {
  constructor(
    private readonly customers: CustomerService,
    private readonly cache: Cache,
    private readonly evictions: Evictions,
  ) {}

  @OnEvent('user.events', 'USER_CREATED')
  @CacheEvict(['customers:list:*', 'customers:count'])
  async onUserCreated({ eventId, data }: CrmEvent<'user.events', 'USER_CREATED'>): Promise<void> {
    await this.customers.createForUser({ eventId, ...data })
  }

  @OnEvent('user.events', 'USER_DELETED')
  @CacheEvict('customers:list:*')
  async onUserDeleted({ eventId, data }: CrmEvent<'user.events', 'USER_DELETED'>): Promise<void> {
    const ids = await this.customers.forgetUser(eventId, data.userId)
    if (this.evictions === 'derived') return
    // A pattern names one customer or all of them; which ones these are, only the update knows. When the event comes
    // again, the process that updated them may have died before it evicted them.
    if (ids) await Promise.all(ids.map((id) => this.cache.delete(`customer:${id}`)))
    else await this.cache.deletePattern('customer:*')
  }
}
