// Tries dashboard and alert rules on a real Prometheus, which scrapes an application under load, whose Redis then freezes.
import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '../support/redis-server.js'
import { until } from '../support/until.js'
import { startAppUnderLoad } from './app-under-load.js'
import { asSent, type DashboardQuery, queriesOf, readDashboard, variablesOf } from './dashboard-queries.js'
import { type PrometheusServer, promtool, startPrometheus } from './prometheus-server.js'

/** What the load brings about by itself, without a minute of it. */
const FIRING_AT_ONCE = ['CacheEntriesStale', 'CacheErrors', 'CacheForgottenEvictions']
/** What Redis has to be away for. */
const FIRING_IN_OUTAGE = ['CacheEvictionsOwed', 'CacheStoreDown']
const RATE_INTERVAL = '10s'
const MINUTE = { deadlineMs: 120_000, everyMs: 500 }

console.log((await promtool('check', 'rules', 'alerts.yml')).trim())
console.log((await promtool('test', 'rules', 'alerts.test.yml')).trim())

const redis = await startRedis()
const app = await startAppUnderLoad(redis.url)
const prometheus = await startPrometheus(app.target)
try {
  await check(prometheus)
} finally {
  await redis.thaw()
  await prometheus.stop()
  await app.stop()
  await redis.stop()
}

async function check(prometheus: PrometheusServer): Promise<void> {
  const dashboard = await readDashboard()
  const queries = queriesOf(dashboard)
  const seen = new Set<DashboardQuery>()
  const missing = () => queries.filter((query) => !seen.has(query))
  const look = async () => {
    for (const query of missing()) {
      const values = await prometheus.query(asSent(query, RATE_INTERVAL))
      if (values.some((value) => value > 0)) seen.add(query)
    }
  }
  const states = async (names: readonly string[]) =>
    (await prometheus.alerts()).filter(({ name }) => names.includes(name)).map(({ state }) => state)

  await until('the alerts of the load', async () => {
    await look()
    return (await states(FIRING_AT_ONCE)).every((state) => state === 'firing')
  })
  console.log(`Firing under load: ${FIRING_AT_ONCE.join(', ')}`)
  await sleep(10_000)
  await look()
  console.log(`${seen.size} of ${queries.length} queries have given data; Redis freezes.`)

  await redis.freeze()
  await until(
    'the alerts of the outage',
    async () => {
      await look()
      return (await states(FIRING_IN_OUTAGE)).every((state) => state === 'firing')
    },
    MINUTE,
  )
  console.log(`Firing in the outage: ${FIRING_IN_OUTAGE.join(', ')}`)
  await redis.thaw()
  await until(
    'the end of the alerts',
    async () => {
      await look()
      return (await states(FIRING_IN_OUTAGE)).every((state) => state === 'inactive')
    },
    MINUTE,
  )
  console.log('Inactive again once Redis was back.')

  await until('all queries to give data', async () => {
    await look()
    return missing().length === 0
  }).catch((error: Error) => {
    for (const { panel, expr } of missing()) console.error(`No data: ${panel}: ${expr}`)
    throw error
  })
  for (const { metric, label } of variablesOf(dashboard)) {
    const values = await prometheus.labelValues(metric, label)
    if (values.length === 0) throw new Error(`The variable of ${metric} and ${label} has no values`)
  }
  const alerts = await prometheus.alerts()
  const unwell = alerts.filter(({ health }) => health !== 'ok')
  if (unwell.length > 0) throw new Error(`Not well: ${unwell.map(({ name }) => name).join(', ')}`)
  console.log(
    `Prometheus ${prometheus.version}: ${alerts.length} alert rules evaluated, ${queries.length} queries of ${new Set(queries.map(({ panel }) => panel)).size} panels gave data, ${app.requests()} requests.`,
  )
}
