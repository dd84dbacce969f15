import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { FAR_MODES, NEAR_MODES } from './modes.js'
import type { Report, Trial } from './shape-process.js'

const PROGRAM = fileURLToPath(new URL('shape-process.js', import.meta.url))

/** How modes are shared out to processes: those that wait for Redis have one each. */
export const MODES_TOGETHER: readonly (readonly string[])[] = [
  NEAR_MODES.map(({ name }) => name),
  ...FAR_MODES.map(({ name }) => [name]),
]

/**
 * Tries shapes in a process of their own, and goes on in another one where that has ended.
 *
 * @returns What differed, by `mode: shape`; empty if nothing did.
 */
export async function tryShapes(trial: Omit<Trial, 'done'>): Promise<Map<string, string>> {
  const differences = new Map<string, string>()
  for (;;) {
    const child = fork(PROGRAM, { execArgv: ['--enable-source-maps'], silent: true })
    const trying = followReports(child, differences)
    const output = collectOutput(child)
    child.send({ ...trial, done: [...differences.keys()] })
    const [code, signal] = await once(child, 'exit')
    if (code === 0) return differences
    const name = trying()
    if (name === undefined) throw new Error(`no shape could be tried: ${output()}`)
    differences.set(name, `the process ended (${code ?? signal}): ${output()}`)
  }
}

/** @returns Tells what is tried. */
function followReports(child: ChildProcess, differences: Map<string, string>): () => string | undefined {
  let trial: string | undefined
  child.on('message', (message) => {
    const report = message as Report
    if ('begins' in report) trial = report.begins
    else differences.set(report.trial, report.difference)
  })
  return () => trial
}

function collectOutput(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  return () => text
}
