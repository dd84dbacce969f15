import { expect } from 'chai'
import type { Express } from 'express'
import { type Cache, Cacheable, createCache } from 'express-cacheable'
import { trackPrisma } from 'express-cacheable/prisma'
import type { PrismaClient } from '#demo/prisma/generated/client.js'
import { answerOf } from '../support/answer-of.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { type OpenTracked, onEachTrackedDatabase } from '../support/tracked-databases.js'

interface Crm {
  readonly cache: Cache
  readonly logger: RecordingLogger
  readonly prisma: PrismaClient
  readonly app: Express
  /** Asks twice: the second time from the cache. */
  warm(...paths: string[]): Promise<void>
  /** What each path's next answer comes from. */
  states(...paths: string[]): Promise<(string | null)[]>
  ask(path: string): Promise<unknown>
  /** How many statements the database was sent. */
  queries(): number
  readonly url: string
}

onEachTrackedDatabase('a cache that follows Prisma', (open) => {
  const listen = serversOfSuite()
  const caches: Cache[] = []
  afterEach(async () => {
    for (const cache of caches.splice(0)) await cache.close()
  })

  async function crm(define: (crm: Pick<Crm, 'cache' | 'app' | 'prisma'>) => void): Promise<Crm> {
    const logger = recordingLogger()
    const cache = createCache({ logger })
    caches.push(cache)
    const { prisma, queries } = await open(trackPrisma(cache))
    const app = quietExpress()
    define({ cache, app, prisma })
    await cache.ready(app)
    const url = await listen(app)
    const states = async (...paths: string[]) => {
      const seen: (string | null)[] = []
      for (const path of paths) seen.push((await answerOf(url + path)).xCache)
      return seen
    }
    const warm = async (...paths: string[]) => {
      await states(...paths)
      expect(await states(...paths)).to.deep.equal(paths.map(() => 'HIT'))
    }
    const ask = async (path: string) => JSON.parse((await answerOf(url + path)).body.toString())
    return { cache, logger, prisma, app, warm, states, ask, queries, url }
  }

  /** Reads of each kind, and nothing that evicts. */
  const reads = () =>
    crm(({ cache, app, prisma }) => {
      app.get('/customers/count', cache.cacheable('customers:count', 60), async (_req, res) => {
        res.json(await prisma.customer.count())
      })
      app.get('/customers/:id', cache.cacheable('customer:{id}', 60), async (req, res) => {
        res.json(await prisma.customer.findUnique({ where: { id: Number(req.params.id) } }))
      })
      app.get('/tasks/:userId', cache.cacheable('tasks:{userId}', 60), async (req, res) => {
        res.json(await prisma.task.findMany({ where: { userId: Number(req.params.userId) } }))
      })
      app.get('/opportunities', cache.cacheable('opportunities', 60), async (_req, res) => {
        res.json(
          await prisma.opportunity.findMany({ include: { approvals: { include: { history: true } } } }),
        )
      })
      app.get('/titles', cache.cacheable('titles', 60), async (_req, res) => {
        res.json(await prisma.$queryRaw`SELECT title FROM "Task" ORDER BY id`)
      })
    })

  const aCustomer = (name: string) => ({ name, email: `${name}@example.org`, industry: 'tools' })
  const aTask = (userId: number) => ({ title: 'call', dueDate: new Date(0), userId })

  it('lets go what was made from a row, and nothing else', async () => {
    const { prisma, warm, states, ask } = await reads()
    const [ada, bob] = [
      await prisma.customer.create({ data: aCustomer('ada') }),
      await prisma.customer.create({ data: aCustomer('bob') }),
    ]
    const task = await prisma.task.create({ data: aTask(ada.id) })
    const all = [
      `/customers/${ada.id}`,
      `/customers/${bob.id}`,
      '/customers/count',
      `/tasks/${ada.id}`,
      `/tasks/${bob.id}`,
      '/titles',
    ]
    await warm(...all)
    await prisma.customer.update({ where: { id: ada.id }, data: { name: 'eva' } })
    expect(await ask(`/customers/${ada.id}`)).to.include({ name: 'eva' })
    expect((await states(...all)).slice(1)).to.deep.equal(['HIT', 'MISS', 'HIT', 'HIT', 'HIT'])
    await prisma.task.update({ where: { id: task.id }, data: { userId: bob.id } })
    expect(await states(...all)).to.deep.equal(['HIT', 'HIT', 'HIT', 'MISS', 'MISS', 'MISS'])
    await prisma.task.updateMany({ where: { userId: bob.id }, data: { title: 'write' } })
    expect(await states(...all)).to.deep.equal(['HIT', 'HIT', 'HIT', 'HIT', 'MISS', 'MISS'])
    await prisma.$executeRaw`DELETE FROM "Task" WHERE id = ${task.id}`
    expect((await states(...all)).slice(4)).to.deep.equal(['MISS', 'MISS'])
    await prisma.customer.delete({ where: { id: bob.id } })
    expect(await states(...all)).to.deep.equal(['HIT', 'MISS', 'MISS', 'HIT', 'HIT', 'HIT'])
  })

  it('sees what was not there, once it is', async () => {
    const { prisma, warm, ask } = await reads()
    const { id } = await prisma.customer.create({ data: aCustomer('ada') })
    await prisma.customer.delete({ where: { id } })
    await warm(`/customers/${id}`, `/tasks/${id}`)
    await prisma.customer.create({ data: { id, ...aCustomer('again') } })
    await prisma.task.createMany({ data: [aTask(id), aTask(id)] })
    expect(await ask(`/customers/${id}`)).to.include({ name: 'again' })
    expect(await ask(`/tasks/${id}`)).to.have.lengthOf(2)
  })

  it('follows nested writes and what the database deletes by itself', async () => {
    const { prisma, warm, states } = await reads()
    const { id, approvals } = await prisma.opportunity.create({
      data: {
        title: 'mill',
        amount: 10,
        customerId: 1,
        approvals: { create: { requesterId: 1, approverId: 2 } },
      },
      include: { approvals: true },
    })
    await warm('/opportunities')
    await prisma.opportunity.update({
      where: { id },
      data: {
        approvals: {
          update: {
            where: { id: approvals[0]?.id ?? 0 },
            data: { history: { create: { action: 'REQUESTED', userId: 1 } } },
          },
        },
      },
    })
    expect(await states('/opportunities', '/opportunities')).to.deep.equal(['MISS', 'HIT'])
    await prisma.approval.deleteMany({ where: { opportunityId: id } })
    expect(await states('/opportunities')).to.deep.equal(['MISS'])
  })

  it('evicts what a transaction wrote once it has been committed, and nothing after a rollback', async () => {
    const { prisma, warm, states } = await reads()
    const { id } = await prisma.customer.create({ data: aCustomer('ada') })
    const path = `/customers/${id}`
    await warm(path)
    const seen: unknown[] = []
    await prisma.$transaction(async (tx) => {
      await tx.customer.update({ where: { id }, data: { name: 'eva' } })
      // The embedded database has one connection, but a hit needs none.
      seen.push(...(await states(path)))
    })
    expect(seen, 'before the commit').to.deep.equal(['HIT'])
    expect(await states(path, path)).to.deep.equal(['MISS', 'HIT'])
    await prisma
      .$transaction(async (tx) => {
        await tx.customer.update({ where: { id }, data: { name: 'ivy' } })
        throw new Error('no')
      })
      .catch(() => {})
    expect(await states(path)).to.deep.equal(['HIT'])
    await prisma.$transaction([
      prisma.customer.update({ where: { id }, data: { name: 'ida' } }),
      prisma.task.create({ data: aTask(id) }),
    ])
    expect(await states(path, path)).to.deep.equal(['MISS', 'HIT'])
    const failed = [
      prisma.customer.update({ where: { id }, data: { name: 'una' } }),
      prisma.customer.create({ data: { id, ...aCustomer('twice') } }),
    ]
    await prisma.$transaction(failed).catch(() => {})
    expect(await states(path)).to.deep.equal(['HIT'])
  })

  it('tells apart what Prisma asks for in one statement', async () => {
    const together = gate()
    const { prisma, states, ask, queries } = await crm(({ cache, app, prisma }) => {
      let arrived = 0
      app.get('/customers/:id', cache.cacheable('customer:{id}', 60), async (req, res) => {
        arrived += 1
        if (arrived === 3) together.open()
        await together.wait
        res.json(await prisma.customer.findUnique({ where: { id: Number(req.params.id) } }))
      })
    })
    const created = await prisma.customer.createManyAndReturn({ data: ['a', 'b', 'c'].map(aCustomer) })
    const paths = created.map(({ id }) => `/customers/${id}`)
    const before = queries()
    await Promise.all(paths.map(ask))
    expect(queries() - before, 'statements').to.equal(1)
    expect(await states(...paths)).to.deep.equal(['HIT', 'HIT', 'HIT'])
    for (const [index, { id }] of created.entries()) {
      await prisma.customer.update({ where: { id }, data: { name: 'new' } })
      expect(await ask(paths[index] ?? '')).to.include({ name: 'new' })
    }
  })

  it('does not store what was read before a commit and comes after it', async () => {
    const [hasRead, mayAnswer] = [gate(), gate()]
    const { prisma, ask, states } = await crm(({ cache, app, prisma }) => {
      app.get('/names', cache.cacheable('names', 60), async (_req, res) => {
        const names = await prisma.customer.findMany({ select: { name: true } })
        hasRead.open()
        await mayAnswer.wait
        res.json(names)
      })
    })
    const early = ask('/names')
    await hasRead.wait
    await prisma.customer.create({ data: aCustomer('late') })
    mayAnswer.open()
    await early
    expect(await states('/names', '/names')).to.deep.equal(['MISS', 'HIT'])
    expect(await ask('/names')).to.deep.include({ name: 'late' })
  })

  it('does not store what was read in a transaction that was rolled back', async () => {
    const { prisma, states, ask } = await crm(({ cache, app, prisma }) => {
      app.get('/what-if', cache.cacheable('what-if', 60), async (_req, res) => {
        let count = 0
        await prisma
          .$transaction(async (tx) => {
            await tx.customer.create({ data: aCustomer('nobody') })
            count = await tx.customer.count()
            throw new Error('only asking')
          })
          .catch(() => {})
        res.json(count)
      })
    })
    expect(await states('/what-if', '/what-if')).to.deep.equal(['MISS', 'MISS'])
    expect(await ask('/what-if')).to.equal((await prisma.customer.count()) + 1)
  })

  it('stores what is warmed with what it was made from', async () => {
    const { cache, prisma, ask, states } = await reads()
    const { id } = await prisma.customer.create({ data: aCustomer('ada') })
    await cache.warm({ key: 'customer:{id}', ttl: 60, load: () => prisma.customer.findMany() })
    expect(await states(`/customers/${id}`)).to.deep.equal(['HIT'])
    await prisma.customer.update({ where: { id }, data: { name: 'eva' } })
    expect(await ask(`/customers/${id}`)).to.include({ name: 'eva' })
  })

  it('does not leave the answer of a write behind that others change', async () => {
    const { prisma, ask, states, url } = await crm(({ cache, app, prisma }) => {
      const find = (id: string) => prisma.customer.findUniqueOrThrow({ where: { id: Number(id) } })
      app.get('/customers/:id', cache.cacheable('customer:{id}', 60), async (req, res) => {
        res.json(await find(req.params.id))
      })
      app.put('/customers/:id', cache.put('customer:{id}', 60), async (req, res) => {
        res.json(await find(req.params.id))
      })
    })
    const { id } = await prisma.customer.create({ data: aCustomer('ada') })
    await fetch(`${url}/customers/${id}`, { method: 'PUT' })
    expect(await states(`/customers/${id}`)).to.deep.equal(['HIT'])
    await prisma.customer.update({ where: { id }, data: { name: 'eva' } })
    expect(await ask(`/customers/${id}`)).to.include({ name: 'eva' })
  })

  it('follows what functions load, and who uses their values', async () => {
    const { cache, prisma, warm, states } = await crm(({ cache, app, prisma }) => {
      class Reports {
        @Cacheable('report:{args.0}', 60)
        customers(_name: string) {
          return prisma.customer.count()
        }
      }
      const reports = cache.methods(new Reports())
      app.get('/report', cache.cacheable('page', 60), async (_req, res) => {
        const first = await cache.wrap('first', 60, () => prisma.task.findFirst({ select: { title: true } }))
        res.json([first, await reports.customers('all')])
      })
    })
    await warm('/report')
    await prisma.customer.create({ data: aCustomer('ada') })
    expect(await cache.getMany(['page', 'report:all'])).to.deep.equal([null, null])
    expect(await states('/report', '/report')).to.deep.equal(['MISS', 'HIT'])
    await prisma.task.create({ data: aTask(1) })
    expect(await states('/report', '/report')).to.deep.equal(['MISS', 'HIT'])
  })

  it('says so when the client lacks its extension', async () => {
    const cache = createCache({ logger: recordingLogger() })
    caches.push(cache)
    const tracker = trackPrisma(cache)
    const without = { ...tracker, extension: { name: 'none', query: {} } }
    const opening = open(without as unknown as Parameters<OpenTracked>[0])
    const error = await opening.catch((reason) => reason)
    expect(error).to.have.property('message').that.includes('.$extends(tracker.extension)')
  })
})
