import { randomBytes, randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { BusEvent } from 'express-cacheable'
import { type Database, openDatabase } from '#demo/database/open-database.js'
import { createTokens } from '#demo/http/tokens.js'
import type { Approval, PrismaClient } from '#demo/prisma/generated/client.js'
import { Random } from '../consistency/random.js'
import type { Answer } from '../support/answer-of.js'
import { type Comparison, compareWithUncached } from '../support/compare-with-uncached.js'
import { type GroupState, groupState } from '../support/consumer-groups.js'
import { type CrmUser, cachedRoutesOf } from '../support/crm-cast.js'
import { CrmClient } from '../support/crm-client.js'
import { CrmLoad } from '../support/crm-load.js'
import { type DemoServices, demoServices } from '../support/demo-services.js'
import { type KafkaServer, ownKafkaForTests } from '../support/kafka.js'
import { readTopic, withAdmin, writeMessages } from '../support/kafka-messages.js'
import { postgresForTests } from '../support/postgres.js'
import { ownRedisForTests, type RedisServer, startRedis } from '../support/redis.js'
import { adminClient } from '../support/redis-admin.js'
import { RepeatedDelivery } from '../support/repeated-delivery.js'
import { until } from '../support/until.js'

const SEED = Number(process.env.FAULTS_SEED ?? randomInt(2 ** 31))
const GROUPS = ['crm.customer', 'crm.sales-activity', 'crm.analytics']
const CONSUMERS = ['customer', 'analytics'] as const
const KAFKA_OUTAGE_MS = 20_000
/** A customer that nobody else changes. */
const SEEDED = '/api/customers/1'
const PATIENT = { deadlineMs: 60_000, everyMs: 100 }
/** What handlers do once for each event, by the event's type. */
const EFFECTS: Readonly<Record<string, readonly string[]>> = {
  USER_CREATED: ['customer.createForUser'],
  USER_DELETED: ['analytics.forgetUser', 'customer.forgetUser', 'sales-activity.forgetUser'],
  APPROVAL_REQUESTED: ['analytics.notify'],
  APPROVAL_APPROVED: ['analytics.notify'],
  APPROVAL_REJECTED: ['analytics.notify'],
}

// One story in several chapters: each goes on where the last one ended.
describe(`five services through faults (FAULTS_SEED=${SEED})`, function () {
  this.timeout(120_000)

  let kafka: KafkaServer
  let redis: RedisServer
  let redisData: string
  let database: Database
  let prisma: PrismaClient
  let services: DemoServices
  let client: CrmClient
  let load: CrmLoad
  let again: RepeatedDelivery
  let parts: { databaseUrl: string; jwtSecret: string }

  before(async function () {
    kafka = await ownKafkaForTests(this)
    redisData = await mkdtemp(join(tmpdir(), 'express-cacheable-faults-'))
    redis = await ownRedisForTests(this, { args: ['--dir', redisData] })
    parts = { databaseUrl: await postgresForTests(this), jwtSecret: randomBytes(32).toString('hex') }
    this.timeout(120_000)
    services = await demoServices({ ...parts, redisUrl: redis.url, brokers: kafka.brokers })
    await services.startAll()
    database = await openDatabase(parts.databaseUrl)
    prisma = database.prisma
    client = new CrmClient(services.url)
    load = new CrmLoad(client, await staff(), SEED)
    again = new RepeatedDelivery(kafka.brokers, prisma, new Random(SEED))
    await until('all groups', async () => (await states()).every(({ members }) => members === 1), PATIENT)
  })

  after(async () => {
    await services?.stopAll()
    await database?.close()
    await redis?.stop()
    await kafka?.stop()
    if (redisData) await rm(redisData, { recursive: true, force: true })
  })

  let hasFailed = false
  beforeEach(() => expect(hasFailed, 'an earlier chapter has failed').to.equal(false))
  afterEach(function () {
    hasFailed = this.currentTest?.state === 'failed'
  })

  async function staff(): Promise<[CrmUser, ...CrmUser[]]> {
    const tokens = createTokens(parts.jwtSecret)
    const rows = await prisma.user.findMany({ orderBy: { id: 'asc' } })
    const [admin, ...others] = await Promise.all(
      rows.map(async (row) => ({ id: row.id, token: await tokens.sign(row) })),
    )
    return [admin as CrmUser, ...others]
  }

  function states(): Promise<GroupState[]> {
    return Promise.all(GROUPS.map(stateOf))
  }

  function stateOf(group: string): Promise<GroupState> {
    return withAdmin(kafka.brokers, (admin) => groupState(admin, group))
  }

  const unpublished = () => prisma.outboxEvent.count({ where: { publishedAt: null } })

  /** Whether nothing is under way any more: no event, nor anything that a service owes its cache. */
  async function isSettled(): Promise<boolean> {
    const before = await states()
    if (before.some(({ members, lag }) => members === 0 || lag > 0)) return false
    if ((await unpublished()) > 0) return false
    if (JSON.stringify(await states()) !== JSON.stringify(before)) return false
    return isCacheWell()
  }

  /** As all services see it. */
  async function isCacheWell(): Promise<boolean> {
    const readiness = await (await fetch(`${services.url}/readyz`)).json()
    return (readiness as { cache: string }).cache === 'ok'
  }

  async function nothingIsStale(): Promise<Comparison> {
    await until('all to be settled', isSettled, PATIENT)
    const comparison = await compareWithUncached(services.url, cachedRoutesOf(load.cast), parts)
    expect(comparison.stale).to.deep.equal([])
    return comparison
  }

  const customerOf = (user: CrmUser) => prisma.customer.findFirst({ where: { userId: user.id } })

  it('answer nothing stale after events that came three times, while a process joined and left', async () => {
    await load.readAll()
    await load.run(120)
    expect((await nothingIsStale()).hits).to.be.greaterThan(0)

    await load.readAll()
    const joining = services.startAnother('customer')
    await again.repeat()
    const members = async () => (await stateOf('crm.customer')).members
    await until(
      'the other process to join, in the middle of a load',
      async () => {
        await load.run(20)
        return (await members()) === 2
      },
      PATIENT,
    )
    await again.repeat()
    const leaving = (await joining).stop()
    await load.run(40)
    await leaving
    await until('the group to be one again', async () => (await members()) === 1, PATIENT)
    await nothingIsStale()
  })

  it('make up for what two of them were doing when they were killed in their transactions', async () => {
    await load.readAll()
    let user: CrmUser | undefined
    await prisma.$transaction(
      async (tx) => {
        // Others may still read.
        await tx.$executeRaw`LOCK TABLE "Customer", "Notification" IN EXCLUSIVE MODE`
        user = await load.register()
        await load.requestApproval()
        await until('both to wait for our lock', async () => (await waitingForTables()) === 2, PATIENT)
        await Promise.all(CONSUMERS.map((name) => services.kill(name)))
      },
      { timeout: 60_000 },
    )
    await load.run(30, CONSUMERS)
    expect(await customerOf(user as CrmUser)).to.equal(null)
    await Promise.all(CONSUMERS.map((name) => services.start(name)))
    await nothingIsStale()
    expect(await customerOf(user as CrmUser)).not.to.equal(null)
  })

  /** How many tables somebody waits for. */
  async function waitingForTables(): Promise<number> {
    const rows = await prisma.$queryRaw<{ relation: number }[]>`
      SELECT DISTINCT relation FROM pg_locks
      WHERE NOT granted AND relation IN ('"Customer"'::regclass, '"Notification"'::regclass)`
    return rows.length
  }

  it('evict what two of them had changed when they were killed before Redis had acknowledged it', async () => {
    await load.readAll()
    await redis.freeze()
    // First what analytics is to be held up by: it hears of the customer too.
    const notified = await prisma.notification.count()
    await load.requestApproval()
    await until('the notification', async () => (await prisma.notification.count()) > notified, PATIENT)
    const user = await load.register()
    await until('the customer', async () => (await customerOf(user)) !== null, PATIENT)
    await until('both to owe evictions', async () => (await owing()).every(Boolean), PATIENT)
    for (let look = 0; look < 10; look += 1) {
      const lags = await Promise.all(CONSUMERS.map((name) => stateOf(`crm.${name}`)))
      for (const { lag } of lags) expect(lag, 'events that are not committed').to.be.greaterThan(0)
    }
    await Promise.all(CONSUMERS.map((name) => services.kill(name)))
    await load.run(20, CONSUMERS)
    await redis.thaw()
    await Promise.all(CONSUMERS.map((name) => services.start(name)))
    await nothingIsStale()
  })

  /** Of each, whether Redis has not acknowledged all of its evictions. */
  function owing(): Promise<boolean[]> {
    return Promise.all(
      CONSUMERS.map(async (name) => {
        const stats = await (await fetch(`${services.urlOf(name)}/api/cache/stats`)).json()
        return (stats as { store: { owedEvictions: number } }).store.owedEvictions > 0
      }),
    )
  }

  it('go on writing while Kafka and Redis are away, and lose nothing', async () => {
    await load.readAll()
    await kafka.goDown()
    const backAt = Date.now() + KAFKA_OUTAGE_MS
    await load.run(20)
    await untilHit(SEEDED)
    await backUpRedis()
    await client.write('PUT', SEEDED, load.cast.admin.token, { name: 'Renamed' })
    load.tell('CUSTOMER_UPDATED')
    await load.run(20)
    await killRedis()
    await load.run(30)
    await startRedisWithBackup()
    await until('Redis to be used again', isCacheWell, PATIENT)
    expect((await untilHit(SEEDED)).text).to.include('"Renamed"')
    await load.readAll()
    await until(
      'the end of the outage',
      async () => {
        await load.run(4)
        return Date.now() > backAt
      },
      { ...PATIENT, everyMs: 400 },
    )
    expect(await unpublished()).to.be.greaterThan(0)
    await kafka.comeBack()
    expect((await nothingIsStale()).hits).to.be.greaterThan(0)
  })

  /** On a busy machine Redis may take longer than a request waits for it. */
  async function untilHit(path: string): Promise<Answer> {
    let answer: Answer | undefined
    await until(`a hit for ${path}`, async () => {
      answer = await client.get(path, load.cast.admin.token)
      return answer.xCache === 'HIT'
    })
    return answer as Answer
  }

  async function backUpRedis(): Promise<void> {
    const admin = adminClient(redis.port)
    await admin.save()
    admin.disconnect()
  }

  async function killRedis(): Promise<void> {
    process.kill(redis.pid, 'SIGKILL')
    await redis.stop()
  }

  async function startRedisWithBackup(): Promise<void> {
    redis = await startRedis({ port: redis.port, args: ['--dir', redisData] })
    const admin = adminClient(redis.port)
    const keys = await admin.dbsize()
    admin.disconnect()
    expect(keys, 'old keys').to.be.greaterThan(0)
  }

  it('put poison into the dead-letter topic, and go on behind it', async () => {
    const event = { eventType: 'USER_CREATED', eventId: 'poison', timestamp: new Date().toISOString() }
    const poison = [
      Buffer.from([0xff, 0x00, 0xfe]),
      JSON.stringify(['no event']),
      JSON.stringify({ ...event, eventType: 'USER_PROMOTED', data: { userId: 1 } }),
      JSON.stringify({ ...event, data: { userId: 'one', email: 'poison@faults.example' } }),
    ]
    const partitions = [0, 1, 2]
    await writeMessages(
      kafka.brokers,
      'user.events',
      partitions.flatMap((partition) => poison.map((value) => ({ partition, value }))),
    )
    const user = await load.register()
    await until('the customer', async () => (await customerOf(user)) !== null, PATIENT)

    await until('all to be settled', isSettled, PATIENT)
    const dead = await readTopic(kafka.brokers, 'user.events.dead-letter')
    // Without a key a message may be written again when it is sent again.
    const places = new Map(
      dead.map(({ headers }) => {
        const { 'dead-letter-group': group, 'dead-letter-reason': reason } = headers
        const place = [group, headers['dead-letter-partition'], headers['dead-letter-offset']]
        return [place.join(), `${group}: ${reason}`]
      }),
    )
    const reasons = [
      'it is no JSON',
      'eventType is missing; eventId is missing; timestamp is missing; data is missing',
      'user.events has no type USER_PROMOTED, it has USER_CREATED, USER_DELETED, USER_TOKENS_ENDED',
      'data.userId Invalid type: Expected number but received "one"; data.name Invalid key: Expected "name" but received undefined',
    ]
    const expected = GROUPS.flatMap((group) =>
      reasons.flatMap((reason) => partitions.map(() => `${group}: ${reason}`)),
    )
    expect([...places.values()].toSorted()).to.deep.equal(expected.toSorted())
  })

  it('have lost nothing and doubled nothing in the end', async () => {
    do await until('all to be settled', isSettled, PATIENT)
    while ((await again.repeat()) > 0)

    const ofUsers = { where: { email: { in: load.registered } }, select: { email: true } }
    const customers = await prisma.customer.findMany(ofUsers)
    expect(customers.map(({ email }) => email).toSorted()).to.deep.equal(load.registered.toSorted())

    const rows = await prisma.outboxEvent.findMany()
    const events = rows.map(({ event }) => event as unknown as BusEvent)
    const topics = [...new Set(rows.map(({ topic }) => topic))]
    const messages = (await Promise.all(topics.map((topic) => readTopic(kafka.brokers, topic)))).flat()
    const delivered = countedBy(messages.map(({ value }) => eventIdIn(value)))
    const missed = events.filter(({ eventId }) => (delivered[eventId] ?? 0) < 3)
    expect(missed, 'events that were not delivered three times').to.deep.equal([])
    expect(countedBy(events.map(({ eventType }) => eventType))).to.deep.equal(load.told)

    const effects = events.flatMap(({ eventType, eventId }) =>
      (EFFECTS[eventType] ?? []).map((handler) => `${eventId} ${handler}`),
    )
    const handled = await prisma.handledEvent.findMany()
    const had = handled.map(({ eventId, handler }) => `${eventId} ${handler}`)
    expect(had.toSorted()).to.deep.equal(effects.toSorted())

    const approvals = await prisma.approval.findMany()
    const notifications = await prisma.notification.findMany()
    const told = notifications.map(({ userId, message }) => `${userId}: ${message}`)
    expect(told.toSorted()).to.deep.equal(approvals.flatMap(messagesAbout).toSorted())

    const where = { userId: { in: load.deleted } }
    const left = [prisma.task, prisma.meeting, prisma.notification, prisma.customer].map((table) =>
      (table as typeof prisma.task).count({ where }),
    )
    expect(await Promise.all(left)).to.deep.equal([0, 0, 0, 0])
    await nothingIsStale()
  })
})

/** Poison has none. */
function eventIdIn(value: string | undefined): string {
  return /"eventId":"([^"]+)"/.exec(value ?? '')?.[1] ?? 'none'
}

function countedBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

/** Of all notifications that must follow from an approval, whose they are and what they say. */
function messagesAbout({ opportunityId, approverId, requesterId, status }: Approval): string[] {
  const request = `${approverId}: Opportunity ${opportunityId} waits for your approval`
  if (status === 'PENDING') return [request]
  return [request, `${requesterId}: Opportunity ${opportunityId} was ${status.toLowerCase()}`]
}
