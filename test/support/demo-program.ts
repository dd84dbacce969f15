import { join } from 'node:path'
import { startProcess, type TestProcess } from './child-process.js'
import { PROJECT_ROOT } from './project-root.js'
import { until } from './until.js'

/** Starts one of the demo's programs with these variables alone, and does not wait until it is ready. */
export function launchDemo(
  program: 'main.js' | 'processes/main.js',
  env: Readonly<Record<string, string>>,
): Promise<TestProcess> {
  const { PATH = '' } = process.env
  const file = join(PROJECT_ROOT, 'build/demo', program)
  return startProcess(process.execPath, ['--enable-source-maps', file], { env: { PATH, ...env } })
}

/** Waits for the banner. @throws Error with what the program has said, if it ends before that. */
export function untilReady(demo: TestProcess, what: string, deadlineMs: number): Promise<void> {
  const isReady = () => {
    if (demo.exitCode() !== undefined) throw new Error(`${what} has ended: ${demo.output()}`)
    return demo.output().includes('Ctrl-C stops it.')
  }
  return until(`${what} to be ready`, isReady, { deadlineMs })
}
