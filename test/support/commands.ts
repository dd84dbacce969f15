import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { PROJECT_ROOT } from './project-root.js'

const APT_INSTALL = join(PROJECT_ROOT, 'scripts/apt-install.sh')

/** Where a command is that the shell would find. */
export function onPath(command: string): Promise<string | undefined> {
  return inFolders((process.env.PATH ?? '').split(delimiter), command)
}

/** The first of the folders that has the command. */
export async function inFolders(folders: readonly string[], command: string): Promise<string | undefined> {
  for (const folder of folders) {
    const candidate = join(folder, command)
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (runs) return candidate
  }
  return undefined
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

/** Installs Debian packages where this machine lets us. @returns Whether they are there now. */
export async function installThroughApt(why: string, ...packages: readonly string[]): Promise<boolean> {
  const isAllowed = process.getuid?.() === 0 && (await onPath('apt-get')) !== undefined
  return isAllowed && runVisibly(why, 'sh', [APT_INSTALL, ...packages])
}
