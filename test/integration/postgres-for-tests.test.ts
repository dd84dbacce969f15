import { expect } from 'chai'
import { type Database, openDatabase } from '#demo/database/open-database.js'
import { postgresForTests } from '../support/postgres.js'

describe('the PostgreSQL of the tests', () => {
  const open: Database[] = []

  after(async () => {
    for (const database of open) await database.close()
  })

  async function newDatabase(context: Mocha.Context): Promise<Database> {
    const database = await openDatabase(await postgresForTests(context))
    open.push(database)
    return database
  }

  it('gives each suite a database of its own, which is empty', async function () {
    const one = await newDatabase(this)
    await one.prisma.$executeRaw`CREATE TABLE "OnlyHere" (id INT)`
    const other = await newDatabase(this)
    const tables = await other.prisma.$queryRaw`SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
    expect(tables).to.deep.equal([])
    expect(other.description).to.not.equal(one.description)
  })

  it('is a real server, which goes on while a transaction is open', async function () {
    const { prisma } = await newDatabase(this)
    const backend = async (client: Pick<Database['prisma'], '$queryRaw'>) =>
      client.$queryRaw`SELECT pg_backend_pid() AS pid`
    const [inside, outside] = await prisma.$transaction(async (transaction) => [
      await backend(transaction),
      await backend(prisma),
    ])
    expect(inside).to.not.deep.equal(outside)
  })
})
