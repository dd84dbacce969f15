import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Database, openDatabase } from '#demo/database/open-database.js'
import { PROJECT_ROOT } from '../support/project-root.js'

describe('the migration to the outbox', () => {
  let database: Database

  before(async function () {
    this.timeout(60_000)
    database = await openDatabase(undefined)
  })
  after(() => database?.close())

  async function apply(name: string): Promise<void> {
    const sql = await readFile(join(PROJECT_ROOT, 'demo/prisma/migrations', name, 'migration.sql'), 'utf8')
    await database.prisma.$executeRawUnsafe(`DO $block$ BEGIN EXECUTE $sql$${sql}$sql$; END $block$`)
  }

  it('remembers what has been handled before it', async () => {
    const { prisma } = database
    await apply('20261101000000_init')
    await prisma.$executeRaw`
      INSERT INTO "Customer" (name, email, industry, "sourceEventId")
      VALUES ('A', 'a@crm.example', 'energy', 'event-1'), ('B', 'b@crm.example', 'energy', NULL)`
    await prisma.$executeRaw`
      INSERT INTO "Notification" ("userId", message, "sourceEventId") VALUES (1, 'C', 'event-2'), (1, 'D', NULL)`
    await apply('20261125000000_outbox')
    const handled = await prisma.handledEvent.findMany({ orderBy: { eventId: 'asc' } })
    expect(handled.map(({ eventId, handler }) => [eventId, handler])).to.deep.equal([
      ['event-1', 'customer.createForUser'],
      ['event-2', 'analytics.notify'],
    ])
    expect(await prisma.customer.count()).to.equal(2)
    expect(await prisma.notification.count()).to.equal(2)
  })
})
