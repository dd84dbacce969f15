import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { type RunningDemo, startDemo } from '#demo/app.js'
import { DEFAULT_CONFIG } from '#demo/config.js'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { postgresForTests } from '../support/postgres.js'
import { until } from '../support/until.js'

const APP = fileURLToPath(new URL('outbox-crash-app.js', import.meta.url))
const USERS = 6

describe('a process that is killed between the commit and the bus', function () {
  this.timeout(60_000)
  let demo: RunningDemo | undefined
  let child: TestProcess | undefined

  after(async () => {
    await child?.stop()
    await demo?.close()
  })

  it('loses no event: the next one publishes what is left, and each user has one customer', async function () {
    const databaseUrl = await postgresForTests(this)
    this.timeout(60_000)
    const config = { ...DEFAULT_CONFIG, port: 0, warm: false, databaseUrl }
    await (await startDemo(config)).close()

    const crashing = await startProcess(process.execPath, [APP, databaseUrl, String(USERS)])
    child = crashing
    await until(
      'the users to be committed, and two events published',
      () => /committed/.test(crashing.output()) && crashing.output().split('published').length === 3,
      { deadlineMs: 20_000 },
    )
    process.kill(crashing.pid, 'SIGKILL')

    demo = await startDemo(config)
    const { prisma } = demo
    // The dead process's lease lasts five seconds.
    await until(
      'the events to be published',
      async () => (await prisma.outboxEvent.count({ where: { publishedAt: null } })) === 0,
      { deadlineMs: 20_000 },
    )
    const rows = await prisma.outboxEvent.findMany({ where: { service: 'auth' }, orderBy: { id: 'asc' } })
    expect(rows).to.have.length(USERS)
    const before = [...crashing.output().matchAll(/published (\S+)/g)].map(([, id]) => id)
    const ids = rows.map(({ event }) => (event as { eventId: string }).eventId)
    expect(before).to.deep.equal(ids.slice(0, 2))

    const customers = await prisma.customer.findMany({ where: { email: { startsWith: 'crash-' } } })
    const expected = Array.from({ length: USERS - 2 }, (_, index) => `crash-${index + 3}@crm.example`)
    expect(customers.map(({ email }) => email).sort()).to.deep.equal(expected)
  })
})
