import { createCache } from 'express-cacheable'
import { openDatabase } from '#demo/database/open-database.js'
import { SERVICE_NAMES } from '#demo/service-names.js'
import { groupState } from './consumer-groups.js'
import { launchDemo, untilReady } from './demo-program.js'
import { type DemoUnderTest, GENEROUS_DEADLINE_MS } from './demo-under-test.js'
import { freePortsInARow } from './free-port.js'
import { ownKafkaForTests } from './kafka.js'
import { quietKafka } from './kafka-messages.js'
import { postgresForTests } from './postgres.js'
import { ownRedisForTests } from './redis.js'
import { until } from './until.js'

const START_DEADLINE_MS = 90_000
const SETTLE_DEADLINE_MS = 60_000
/** The services that hear events; each has one group. */
const GROUPS = ['crm.customer', 'crm.sales-activity', 'crm.analytics']

type Closers = (() => Promise<unknown>)[]

/** One that a suite has for itself. */
export interface OwnDemo extends DemoUnderTest {
  readonly databaseUrl: string
  close(): Promise<void>
}

let shared: Promise<OwnDemo> | undefined

/**
 * The demo in six processes, which all suites of this run share: a gateway and five services, over one PostgreSQL, one
 * Redis and one Kafka. Its data stays from suite to suite.
 *
 * Where it cannot be had, the suite is pending, or under `CI=true` it fails.
 */
export async function demoInProcesses(context: Mocha.Context): Promise<DemoUnderTest> {
  shared ??= ownDemoInProcesses(context)
  try {
    return await shared
  } catch (error) {
    // The next suite is pending for a reason of its own.
    shared = undefined
    throw error
  }
}

/** Ends what the run has started for all. */
export async function releaseDemo(): Promise<void> {
  await (await shared?.catch(() => undefined))?.close()
}

/** The same for one suite, with settings of its own. */
export async function ownDemoInProcesses(
  context: Mocha.Context,
  settings: Readonly<Record<string, string>> = {},
): Promise<OwnDemo> {
  const closers: Closers = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    return { ...(await start(context, settings, closers)), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function start(
  context: Mocha.Context,
  settings: Readonly<Record<string, string>>,
  closers: Closers,
): Promise<Omit<OwnDemo, 'close'>> {
  // Topics and groups have the same names for each start of the demo, so it has a Kafka of its own.
  const kafka = await ownKafkaForTests(context)
  closers.push(() => kafka.stop())
  const redis = await ownRedisForTests(context)
  closers.push(() => redis.stop())
  const databaseUrl = await postgresForTests(context)

  const port = await freePortsInARow(1 + SERVICE_NAMES.length)
  const demo = await launchDemo('processes/main.js', {
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    KAFKA_BROKERS: kafka.brokers.join(),
    CACHE_DEADLINE_MS: String(GENEROUS_DEADLINE_MS),
    WARM: 'off',
    SIGN_INS_PER_MINUTE: '100000',
    ...settings,
  })
  closers.push(() => demo.stop())
  await untilReady(demo, 'the demo in six processes', START_DEADLINE_MS)

  const { prisma, close } = await openDatabase(databaseUrl)
  closers.push(close)
  // As another process has it, such as a script.
  const cache = createCache({ redis: redis.url, deadlineMs: GENEROUS_DEADLINE_MS })
  closers.push(() => cache.close())
  const admin = quietKafka(kafka.brokers).admin()
  closers.push(() => admin.disconnect())
  await admin.connect()
  const states = () => Promise.all(GROUPS.map((group) => groupState(admin, group)))
  const hear = async () => (await states()).every(({ members }) => members > 0)
  await until('all groups to hear Kafka', hear, { deadlineMs: START_DEADLINE_MS })

  /** Between two counts of the outbox that agree, so that nothing was under way from it to Kafka, or back. */
  const isSettled = async () => {
    const published = await prisma.outboxEvent.count({ where: { publishedAt: { not: null } } })
    const haveHandledAll = (await states()).every(({ members, lag }) => members > 0 && lag === 0)
    return haveHandledAll && (await prisma.outboxEvent.count()) === published
  }
  return {
    url: `http://127.0.0.1:${port}`,
    databaseUrl,
    prisma,
    cache,
    settle: () =>
      until('all events to be handled', isSettled, { deadlineMs: SETTLE_DEADLINE_MS, everyMs: 10 }),
  }
}
