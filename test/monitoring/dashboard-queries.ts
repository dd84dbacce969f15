import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PROJECT_ROOT } from '../support/project-root.js'

/** What one line of a panel asks Prometheus for. */
export interface DashboardQuery {
  readonly panel: string
  readonly expr: string
}

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

interface Variable {
  readonly name: string
  readonly type: string
  readonly definition?: string
}

export interface Dashboard {
  readonly panels: readonly Panel[]
  readonly templating: { readonly list: readonly Variable[] }
}

export async function readDashboard(): Promise<Dashboard> {
  return JSON.parse(await readFile(join(PROJECT_ROOT, 'docs/monitoring/grafana-dashboard.json'), 'utf8'))
}

export function queriesOf({ panels }: Dashboard): readonly DashboardQuery[] {
  return panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ panel: title, expr })))
}

/** The metric and the label of each variable that lists the values of one. */
export function variablesOf({ templating }: Dashboard): readonly { metric: string; label: string }[] {
  return templating.list.flatMap(({ definition = '' }) => {
    const [, metric, label] = /^label_values\((\w+)(?:\{.*\})?, (\w+)\)$/.exec(definition) ?? []
    return metric && label ? [{ metric, label }] : []
  })
}

/** A query as Grafana sends it where all is chosen. What stands in for an absent metric is left out. */
export function asSent({ expr }: DashboardQuery, interval: string): string {
  return expr
    .replaceAll(/\$(cache|instance|rule)\b/g, '.*')
    .replaceAll('$__rate_interval', interval)
    .replace(/ or vector\(0\)$/, '')
}
