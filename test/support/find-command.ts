import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'

/** The file that a command on the PATH runs, or undefined. */
export async function findCommand(command: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const candidate = join(directory, command)
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return candidate
  }
  return undefined
}

/** Whether this process may install packages. */
export async function hasAptAsRoot(): Promise<boolean> {
  return process.getuid?.() === 0 && (await findCommand('apt-get')) !== undefined
}

export function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(command, args).then(
    () => true,
    () => false,
  )
}

/** Its output goes to our standard error, so that a slow download does not look like a hanging test. */
export async function runVisibly(why: string, command: string, args: readonly string[]): Promise<boolean> {
  process.stderr.write(`\n${why}; running: ${command} ${args.join(' ')}\n`)
  const child = spawn(command, args, { stdio: ['ignore', process.stderr, process.stderr] })
  const [code] = await once(child, 'exit')
  return code === 0
}
