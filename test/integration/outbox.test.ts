import { setImmediate as turn } from 'node:timers/promises'
import { expect } from 'chai'
import { createMemoryBus, type EventBus } from 'express-cacheable'
import { migrate } from '#demo/database/migrate.js'
import { type Database, openDatabase } from '#demo/database/open-database.js'
import { createEvent } from '#demo/events.js'
import { forgetOld } from '#demo/outbox/forget-old.js'
import { Outbox, type Publish } from '#demo/outbox/outbox.js'
import { Relay } from '#demo/outbox/relay.js'
import type { Prisma } from '#demo/prisma/generated/client.js'
import { SERVICE_NAMES } from '#demo/service-names.js'
import { gate } from '../support/gate.js'
import { onEachDatabase } from '../support/on-each-database.js'
import { postgresForTests } from '../support/postgres.js'
import { recordingBus } from '../support/recording-bus.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

const DAY_MS = 86_400_000

type Transaction = Prisma.TransactionClient

/** An outbox and its relay, as one process has them. */
interface Process {
  readonly outbox: Outbox
  readonly relay: Relay
  readonly logger: ReturnType<typeof recordingLogger>
}

const processes: Process[] = []

function processOn({ prisma }: Database, bus: EventBus): Process {
  const logger = recordingLogger()
  const relay = new Relay({ prisma, bus, services: SERVICE_NAMES, logger })
  const process = { outbox: new Outbox(prisma, 'customer', relay), relay, logger }
  processes.push(process)
  return process
}

async function createCustomer(tx: Transaction, publish: Publish): Promise<number> {
  const data = { name: 'New', email: 'new@crm.example', industry: 'energy' }
  const { id } = await tx.customer.create({ data })
  await publish('customer.events', 'CUSTOMER_CREATED', { customerId: id })
  return id
}

/** Hands a task to the next user: the events of one task then tell a chain. */
async function handOn(tx: Transaction, publish: Publish, taskId: number): Promise<void> {
  const { userId } = await tx.task.update({ where: { id: taskId }, data: { userId: { increment: 1 } } })
  await publish('activity.events', 'TASK_UPDATED', { taskId, userId, previousUserId: userId - 1 })
}

async function createTask({ prisma }: Database): Promise<number> {
  const { id } = await prisma.task.create({ data: { title: 'Call', dueDate: new Date(), userId: 1 } })
  return id
}

/** What a process leaves that dies after its commits. */
async function leave({ prisma }: Database, customerIds: readonly number[]): Promise<void> {
  await prisma.outboxEvent.createMany({
    data: customerIds.map((customerId) => {
      const { key, event } = createEvent('customer.events', 'CUSTOMER_CREATED', { customerId })
      return { service: 'customer', topic: 'customer.events', key, event: { ...event } }
    }),
  })
}

async function clear({ prisma }: Database): Promise<void> {
  await prisma.outboxEvent.deleteMany()
  await prisma.outboxRelay.deleteMany()
  await prisma.handledEvent.deleteMany()
  await prisma.customer.deleteMany()
}

function pending({ prisma }: Database): Promise<number> {
  return prisma.outboxEvent.count({ where: { publishedAt: null } })
}

async function closeProcesses(): Promise<void> {
  for (const { relay } of processes.splice(0)) await relay.close()
}

onEachDatabase('the outbox', (database) => {
  beforeEach(() => clear(database()))
  afterEach(closeProcesses)

  it('publishes what a change says, under the key of its entity, and marks it', async () => {
    const bus = recordingBus()
    const { outbox, relay } = processOn(database(), bus)
    const id = await outbox.transaction(createCustomer)
    await relay.look()
    expect(bus.published).to.have.length(1)
    expect(bus.published[0]).to.include({ topic: 'customer.events', key: `customer:${id}` })
    expect(bus.published[0]?.event).to.include({ eventType: 'CUSTOMER_CREATED' })
    expect(bus.published[0]?.event.data).to.deep.equal({ customerId: id })
    expect(await pending(database())).to.equal(0)
    await relay.look()
    expect(bus.published).to.have.length(1)
  })

  it('keeps neither the change nor its events when the change fails', async () => {
    const bus = recordingBus()
    const { outbox, relay } = processOn(database(), bus)
    const failed = await outbox
      .transaction(async (tx, publish) => {
        await createCustomer(tx, publish)
        throw new Error('not after all')
      })
      .catch((error: Error) => error.message)
    await relay.look()
    expect(failed).to.equal('not after all')
    expect(await database().prisma.customer.count()).to.equal(0)
    expect(await database().prisma.outboxEvent.count()).to.equal(0)
    expect(bus.published).to.deep.equal([])
  })

  it('keeps the order of each entity while many are changed at once', async () => {
    const bus = recordingBus()
    const { outbox, relay } = processOn(database(), bus)
    const tasks = [await createTask(database()), await createTask(database())]
    const changes = Array.from({ length: 30 }, (_, index) =>
      outbox.transaction((tx, publish) => handOn(tx, publish, tasks[index % 2] as number)),
    )
    await Promise.all(changes)
    await relay.look()
    for (const task of tasks) {
      const owners = bus.published
        .filter(({ key }) => key === `task:${task}`)
        .map(({ event }) => event.data.userId)
      expect(owners).to.deep.equal(Array.from({ length: 15 }, (_, index) => index + 2))
    }
  })

  it('makes the change of an event once, though it comes three times at the same time', async () => {
    const bus = recordingBus()
    const { outbox, relay } = processOn(database(), bus)
    const deliveries = [1, 2, 3].map(() => outbox.once('event-1', 'customer.create', createCustomer))
    const made = (await Promise.all(deliveries)).filter((id) => id !== undefined)
    await relay.look()
    expect(made).to.have.length(1)
    expect(await database().prisma.customer.count()).to.equal(1)
    expect(bus.published.map(({ event }) => event.data)).to.deep.equal([{ customerId: made[0] }])
    expect(await outbox.once('event-1', 'another.effect', createCustomer)).to.be.a('number')
    expect(await outbox.once('event-2', 'customer.create', createCustomer)).to.be.a('number')
  })

  it('makes the change of an event when it comes again after a failure', async () => {
    const { outbox } = processOn(database(), recordingBus())
    const fail = async (): Promise<number> => {
      throw new Error('not now')
    }
    const failed = await outbox
      .once('event-3', 'customer.create', fail)
      .catch((error: Error) => error.message)
    expect(failed).to.equal('not now')
    expect(await outbox.once('event-3', 'customer.create', createCustomer)).to.be.a('number')
  })

  it('lets a request wait, on a bus in the process, for what follows from what follows', async () => {
    const bus = createMemoryBus()
    const { outbox } = processOn(database(), bus)
    const [reached, work] = [gate(), gate()]
    const story: string[] = []
    await bus.subscribe('user.events', async ({ eventId }) => {
      await outbox.once(eventId, 'customer.create', createCustomer)
      story.push('customer created')
    })
    await bus.subscribe('customer.events', async () => {
      reached.open()
      await work.wait
      story.push('dashboard evicted')
    })
    const answered = outbox
      .transaction((_tx, publish) => publish('user.events', 'USER_DELETED', { userId: 1 }))
      .then(() => story.push('answered'))
    await reached.wait
    await turn()
    expect(story).to.deep.equal(['customer created'])
    work.open()
    await answered
    expect(story).to.deep.equal(['customer created', 'dashboard evicted', 'answered'])
  })

  it('lets no request wait for a bus that processes share', async () => {
    const taking = gate()
    const bus = recordingBus(() => taking.wait)
    const { outbox, relay } = processOn(database(), bus)
    await outbox.transaction(createCustomer)
    expect(await pending(database())).to.equal(1)
    taking.open()
    await relay.look()
    expect(await pending(database())).to.equal(0)
  })

  it('publishes all that is pending at one look, in order', async () => {
    const bus = recordingBus()
    const { relay } = processOn(database(), bus)
    const ids = Array.from({ length: 120 }, (_, index) => index + 1)
    await leave(database(), ids)
    await relay.look()
    expect(bus.published.map(({ event }) => event.data.customerId)).to.deep.equal(ids)
  })

  it('publishes by the clock what a process has left that is gone', async () => {
    const bus = recordingBus()
    const { relay } = processOn(database(), bus)
    relay.start()
    await relay.look()
    await leave(database(), [1, 2])
    await until('the events to be published', async () => (await pending(database())) === 0)
    expect(bus.published.map(({ event }) => event.data.customerId)).to.deep.equal([1, 2])
  })

  it('goes on in order once publishing works again, and says when it stopped and when it went on', async () => {
    let failuresLeft = 2
    const bus = recordingBus(() => {
      if (failuresLeft === 0) return
      failuresLeft -= 1
      throw new Error('the broker is away')
    })
    const { outbox, relay, logger } = processOn(database(), bus)
    relay.start()
    const ids = [await outbox.transaction(createCustomer), await outbox.transaction(createCustomer)]
    await until('the events to be published', async () => (await pending(database())) === 0)
    await relay.look()
    expect(bus.published.map(({ event }) => event.data.customerId)).to.deep.equal(ids)
    expect(logger.at('warn')).to.deep.equal([
      'Events cannot be published, and wait in the outbox: the broker is away',
    ])
    expect(logger.at('info')).to.deep.equal(['The events of the outbox are published again'])
  })

  it('keeps others away while a bus is slow', async () => {
    const taking = gate()
    const { outbox, relay } = processOn(
      database(),
      recordingBus(() => taking.wait),
    )
    const heldUntil = async () => (await database().prisma.outboxRelay.findFirst())?.until.getTime() ?? 0
    await outbox.transaction(createCustomer)
    await until('the lease to be taken', async () => (await heldUntil()) > 0)
    const first = await heldUntil()
    await until('the lease to be renewed', async () => (await heldUntil()) > first)
    taking.open()
    await relay.look()
    expect(await heldUntil()).to.equal(0)
  })

  it('closes while a bus does not answer, and leaves the event to the next relay', async () => {
    const stuck = processOn(
      database(),
      recordingBus(() => new Promise(() => {})),
    )
    await stuck.outbox.transaction(createCustomer)
    await stuck.relay.close()
    expect(await pending(database())).to.equal(1)
    expect(await database().prisma.outboxRelay.count()).to.equal(0)
    const bus = recordingBus()
    await processOn(database(), bus).relay.look()
    expect(bus.published).to.have.length(1)
    expect(await pending(database())).to.equal(0)
  })

  it('keeps what is to be published, and what may come again; the rest goes with time', async () => {
    const { prisma } = database()
    const ago = (days: number) => new Date(Date.now() - days * DAY_MS)
    const row = { service: 'customer', topic: 'customer.events', key: 'customer:1', event: {} }
    await prisma.outboxEvent.createMany({
      data: [
        { ...row, createdAt: ago(9) },
        { ...row, createdAt: ago(9), publishedAt: ago(0.9) },
        { ...row, createdAt: ago(9), publishedAt: ago(1.1) },
      ],
    })
    await prisma.handledEvent.createMany({
      data: [
        { eventId: 'recent', handler: 'any', handledAt: ago(14.9) },
        { eventId: 'old', handler: 'any', handledAt: ago(15.1) },
      ],
    })
    await forgetOld(prisma)
    const rows = await prisma.outboxEvent.findMany({ orderBy: { id: 'asc' } })
    expect(rows.map(({ publishedAt }) => publishedAt === null)).to.deep.equal([true, false])
    expect((await prisma.handledEvent.findMany()).map(({ eventId }) => eventId)).to.deep.equal(['recent'])
  })
})

describe('the outbox of several processes', () => {
  let url: string
  const databases: Database[] = []

  before(async function () {
    url = await postgresForTests(this)
    this.timeout(60_000)
    for (const _ of [1, 2]) databases.push(await openDatabase(url))
    await migrate((databases[0] as Database).prisma)
  })
  beforeEach(() => clear(databases[0] as Database))
  afterEach(closeProcesses)
  after(async () => {
    for (const database of databases) await database.close()
  })

  it('publishes each event by one of them', async () => {
    const bus = recordingBus(() => turn())
    const [one, other] = databases.map((database) => processOn(database, bus)) as [Process, Process]
    const made: Promise<number>[] = []
    for (let round = 0; round < 40; round += 1) {
      made.push(one.outbox.transaction(createCustomer), other.outbox.transaction(createCustomer))
    }
    await Promise.all(made)
    await Promise.all([one.relay.look(), other.relay.look()])
    expect(bus.ids()).to.have.length(80)
    expect(new Set(bus.ids()).size).to.equal(80)
    expect(await pending(databases[0] as Database)).to.equal(0)
  })

  it('keeps the order when they change the same entity', async () => {
    const bus = recordingBus(() => turn())
    const [one, other] = databases.map((database) => processOn(database, bus)) as [Process, Process]
    const task = await createTask(databases[0] as Database)
    await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 ? one : other).outbox.transaction((tx, publish) => handOn(tx, publish, task)),
      ),
    )
    await Promise.all([one.relay.look(), other.relay.look()])
    const owners = bus.published.map(({ event }) => event.data.userId)
    expect(owners).to.deep.equal(Array.from({ length: 40 }, (_, index) => index + 2))
  })

  it('misses none whose change commits after that of a later number', async () => {
    const bus = recordingBus()
    const { outbox, relay } = processOn(databases[0] as Database, bus)
    const [numbered, commit] = [gate(), gate()]
    const slow = outbox.transaction(async (tx, publish) => {
      const id = await createCustomer(tx, publish)
      numbered.open()
      await commit.wait
      return id
    })
    await numbered.wait
    const quick = await outbox.transaction(createCustomer)
    await relay.look()
    expect(bus.published.map(({ event }) => event.data.customerId)).to.deep.equal([quick])
    commit.open()
    const id = await slow
    await relay.look()
    expect(bus.published.map(({ event }) => event.data.customerId)).to.deep.equal([quick, id])
  })
})
