import { execFile } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startProcess } from '../support/child-process.js'
import { installThroughApt, onPath } from '../support/commands.js'
import { freePort } from '../support/free-port.js'
import { PROJECT_ROOT } from '../support/project-root.js'
import { until } from '../support/until.js'

const RULES = join(PROJECT_ROOT, 'docs/monitoring/alerts.yml')

interface AlertState {
  readonly name: string
  readonly health: string
  readonly state: 'inactive' | 'pending' | 'firing'
}

/** A Prometheus of one's own, with our alert rules, that asks one application each second. */
export interface PrometheusServer {
  readonly version: string
  /** The values of an instant, without those that are no number. */
  query(expr: string): Promise<number[]>
  labelValues(metric: string, label: string): Promise<readonly string[]>
  alerts(): Promise<readonly AlertState[]>
  stop(): Promise<void>
}

/** @param target - Host and port of the application. @throws if there is no Prometheus, and none can be installed. */
export async function startPrometheus(target: string): Promise<PrometheusServer> {
  const binary = await findPrometheus()
  const port = await freePort()
  const directory = await mkdtemp(join(tmpdir(), 'express-cacheable-prometheus-'))
  const config = join(directory, 'prometheus.yml')
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [RULES],
      scrape_configs: [{ job_name: 'app', static_configs: [{ targets: [target] }] }],
    }),
  )
  const server = await startProcess(
    binary,
    [
      ...[`--config.file=${config}`, `--storage.tsdb.path=${directory}/data`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--log.level=warn'],
    ],
    { removes: directory },
  )
  const ask = (path: string) => askApi(`http://127.0.0.1:${port}/api/v1/${path}`)
  await until('Prometheus to answer', async () => {
    if (server.exitCode() !== undefined) throw new Error(`Prometheus ended: ${server.output()}`)
    return ask('status/buildinfo').then(
      () => true,
      () => false,
    )
  })
  const { version } = (await ask('status/buildinfo')) as { version: string }
  return {
    version,
    stop: () => server.stop(),
    async query(expr) {
      const { result } = (await ask(`query?query=${encodeURIComponent(expr)}`)) as { result: unknown }
      return valuesIn(result)
    },
    async labelValues(metric, label) {
      return (await ask(`label/${label}/values?match[]=${metric}`)) as readonly string[]
    },
    async alerts() {
      const { groups } = (await ask('rules?type=alert')) as { groups: { rules: AlertState[] }[] }
      return groups.flatMap(({ rules }) => rules)
    },
  }
}

/** @throws what promtool says where it finds something. */
export async function promtool(...args: readonly string[]): Promise<string> {
  if ((await onPath('promtool')) === undefined) await findPrometheus()
  const { stdout, stderr } = await promisify(execFile)('promtool', args, {
    cwd: join(PROJECT_ROOT, 'docs/monitoring'),
  })
  return stdout + stderr
}

async function findPrometheus(): Promise<string> {
  const found = await onPath('prometheus')
  if (found !== undefined) return found
  await installThroughApt('Prometheus was not found', 'prometheus')
  const installed = await onPath('prometheus')
  if (installed === undefined)
    throw new Error('There is no prometheus on the PATH, and none could be installed')
  return installed
}

async function askApi(url: string): Promise<unknown> {
  const response = await fetch(url)
  const { status, data, error } = (await response.json()) as { status: string; data: unknown; error?: string }
  if (status !== 'success') throw new Error(`${url}: ${error}`)
  return data
}

function valuesIn(result: unknown): number[] {
  const samples = result as { value: [at: number, value: string] }[]
  return samples.map(({ value: [, value] }) => Number(value)).filter((value) => !Number.isNaN(value))
}
