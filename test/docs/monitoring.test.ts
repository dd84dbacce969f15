import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { METRICS, type Metric, prometheusName } from '#src/telemetry/metrics.js'
import { asSent, queriesOf, readDashboard, variablesOf } from '../monitoring/dashboard-queries.js'
import { PROJECT_ROOT } from '../support/project-root.js'

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly annotations: {
    readonly summary: string
    readonly description: string
    readonly runbook_url: string
  }
}

interface AlertTest {
  readonly alertname: string
  readonly exp_alerts: readonly unknown[]
}

const docs = (path: string) => readFile(join(PROJECT_ROOT, 'docs', path), 'utf8')

/** The labels by which each name of a series can be asked for. */
const LABELS = new Map(
  Object.values<Metric>(METRICS).flatMap((metric) => {
    const name = prometheusName(metric, '')
    const labels = new Set(['cache', 'instance', ...metric.labels])
    if (metric.kind !== 'histogram') return [[name, labels] as const]
    const ofHistogram = ['_sum', '_count'].map((suffix) => [name + suffix, labels] as const)
    return [[`${name}_bucket`, new Set([...labels, 'le'])] as const, ...ofHistogram]
  }),
)

/** Series and labels that a query selects and that no cache has. */
function faultsOf(expr: string): string[] {
  return [...expr.matchAll(/\b(cache_\w+)(?:\{([^}]*)\})?/g)].flatMap(([, name = '', selector = '']) => {
    const labels = LABELS.get(name)
    if (!labels) return [name]
    const selected = [...selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label)
    return selected.filter((label) => !labels.has(label)).map((label) => `${name}{${label}}`)
  })
}

describe('docs/monitoring', () => {
  let alerts: readonly Alert[]
  before(async () => {
    alerts = parse(await docs('monitoring/alerts.yml')).groups.flatMap(
      ({ rules }: { rules: readonly Alert[] }) => rules,
    )
  })

  it('asks in the dashboard for what caches have', async () => {
    const queries = queriesOf(await readDashboard())
    expect(queries).to.have.length.greaterThan(20)
    expect(queries.flatMap(({ expr }) => faultsOf(expr))).to.deep.equal([])
    for (const query of queries) expect(asSent(query, '1m')).to.not.include('$')
  })

  it('fills the variables of the dashboard with labels that caches have', async () => {
    const variables = variablesOf(await readDashboard())
    expect(variables.map(({ label }) => label)).to.deep.equal(['cache', 'instance', 'rule'])
    for (const { metric, label } of variables) expect(LABELS.get(metric)?.has(label), metric).to.equal(true)
  })

  it('shows every metric in the dashboard', async () => {
    const all = queriesOf(await readDashboard())
      .map(({ expr }) => expr)
      .join('\n')
    const names = Object.values(METRICS).map((metric) => prometheusName(metric, ''))
    expect(names.filter((name) => !all.includes(name))).to.deep.equal([])
  })

  it('asks in the alert rules for what caches have', () => {
    expect(alerts).to.have.length.greaterThan(10)
    expect(alerts.flatMap(({ expr }) => faultsOf(expr))).to.deep.equal([])
  })

  it('tests of each alert that it fires and that it does not', async () => {
    const tests: readonly AlertTest[] = parse(await docs('monitoring/alerts.test.yml')).tests.flatMap(
      ({ alert_rule_test }: { alert_rule_test: readonly AlertTest[] }) => alert_rule_test,
    )
    const tested = (fires: boolean) =>
      new Set(
        tests.filter(({ exp_alerts }) => exp_alerts.length > 0 === fires).map(({ alertname }) => alertname),
      )
    const names = alerts.map(({ alert }) => alert)
    expect([...tested(true)]).to.have.members(names)
    expect([...tested(false)]).to.have.members(names)
  })

  it('says in the guide what to do about each alert', async () => {
    const guide = await docs('guides/monitoring.md')
    const headings = [...guide.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
    expect(headings).to.deep.equal(alerts.map(({ alert }) => alert))
    for (const { alert, annotations } of alerts) {
      expect(annotations.runbook_url).to.match(
        new RegExp(`/docs/guides/monitoring\\.md#${alert.toLowerCase()}$`),
      )
    }
  })
})
