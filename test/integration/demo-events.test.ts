import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import type { BusEvent } from 'express-cacheable'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { createEvent } from '#demo/events.js'
import { answerOf } from '../support/answer-of.js'
import { postgresForTests } from '../support/postgres.js'

describe('events that the demo hears again (PGlite)', () => describeEvents(async () => undefined))
describe('events that the demo hears again (PostgreSQL)', () => describeEvents(postgresForTests))

function describeEvents(findUrl: (context: Mocha.Context) => Promise<string | undefined>): void {
  let demo: RunningDemo

  before(async function () {
    const databaseUrl = await findUrl(this)
    this.timeout(60_000)
    demo = await startDemo({ ...DEFAULT_CONFIG, port: 0, warm: false, databaseUrl })
  })
  after(() => demo?.close())

  function deliver(topic: string, event: BusEvent<object>): Promise<void> {
    return demo.bus.publish(topic, event)
  }

  /** Events of a kind that handlers have put into the outbox. */
  function told(eventType: string): Promise<number> {
    return demo.prisma.outboxEvent.count({ where: { event: { path: ['eventType'], equals: eventType } } })
  }

  async function register(): Promise<{ userId: number; email: string; customerId: number }> {
    const email = `${randomUUID()}@crm.example`
    const { status, text } = await answerOf(`${demo.url}/api/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, name: 'New', password: 'long-enough-1' }),
    })
    expect(status, text).to.equal(201)
    const customer = await demo.prisma.customer.findFirstOrThrow({ where: { email } })
    return { userId: customer.userId as number, email, customerId: customer.id }
  }

  it('make one customer for a user, and evict each time', async () => {
    const data = { userId: 4711, email: 'twice@crm.example', name: 'Twice' }
    const { event } = createEvent('user.events', 'USER_CREATED', data)
    const toldBefore = await told('CUSTOMER_CREATED')
    for (const _ of [1, 2, 3]) {
      await demo.cache.set('customers:count', { count: -1 }, 60)
      await deliver('user.events', event)
      expect(await demo.cache.get('customers:count')).to.equal(null)
    }
    expect(await demo.prisma.customer.count({ where: { userId: 4711 } })).to.equal(1)
    expect(await told('CUSTOMER_CREATED')).to.equal(toldBefore + 1)
  })

  it('notify once of an approval', async () => {
    const data = { approvalId: 1, opportunityId: 4712, requesterId: 2, approverId: 3 }
    const { event } = createEvent('approval.events', 'APPROVAL_REQUESTED', data)
    for (const _ of [1, 2, 3]) await deliver('approval.events', event)
    const message = { contains: 'Opportunity 4712' }
    expect(await demo.prisma.notification.count({ where: { message } })).to.equal(1)
  })

  it('forget a user once, and evict their customers even when nobody knows any more which they were', async () => {
    const { userId, customerId } = await register()
    const other = await demo.prisma.customer.findFirstOrThrow({ where: { userId: null } })
    const keys = [`customer:${customerId}`, `customer:${other.id}`]
    const held = async () => {
      const values = await Promise.all(keys.map((key) => demo.cache.get(key)))
      return values.map((value) => value !== null)
    }
    const fill = () => Promise.all(keys.map((key) => demo.cache.set(key, { id: 0 }, 60)))
    const toldBefore = await told('USER_ACTIVITIES_DELETED')
    const { event } = createEvent('user.events', 'USER_DELETED', { userId })

    await fill()
    await deliver('user.events', event)
    expect(await held()).to.deep.equal([false, true])
    await fill()
    await deliver('user.events', event)
    expect(await held()).to.deep.equal([false, false])
    expect(await told('USER_ACTIVITIES_DELETED')).to.equal(toldBefore + 1)
    expect(await demo.prisma.customer.count({ where: { userId } })).to.equal(0)
  })

  it('are the first of two steps after which a registration is answered', async () => {
    const admin = await demo.prisma.user.findFirstOrThrow({ where: { role: 'admin' } })
    await demo.cache.set(`analytics:dashboard:${admin.id}`, { totalCustomers: -1 }, 60)
    await register()
    expect(await demo.cache.get(`analytics:dashboard:${admin.id}`)).to.equal(null)
    expect(await demo.prisma.outboxEvent.count({ where: { publishedAt: null } })).to.equal(0)
  })
}
