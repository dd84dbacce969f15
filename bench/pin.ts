import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { promisify } from 'node:util'

/** Where what is measured runs, and where everything else does. */
export const CORES = { measured: 0, others: 1 } as const

/** Whether processes can be told where to run. */
export async function canPin(): Promise<boolean> {
  if (availableParallelism() < 2) return false
  return promisify(execFile)('taskset', ['--version']).then(
    () => true,
    () => false,
  )
}

/** Keeps a process, with all its threads, on one core. */
export async function pin(pid: number, core: number): Promise<void> {
  await promisify(execFile)('taskset', ['--all-tasks', '--cpu-list', '--pid', String(core), String(pid)])
}
