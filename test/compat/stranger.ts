import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PROJECT_ROOT } from '../support/project-root.js'

const run = promisify(execFile)

/** A stranger is not inside our `npm test`: neither coverage nor the script's own npm settings reach them. */
export const STRANGERS_ENV = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(NODE_V8_COVERAGE|npm_(package|lifecycle)_.*)$/.test(name),
  ),
)

/** A directory outside the project, so that nothing is found in our node_modules by accident. */
export function temporaryDirectory(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'express-cacheable-packed-'))
}

export function removeDirectory(directory: string): Promise<void> {
  return rm(directory, { recursive: true, force: true })
}

/** @throws with what the command printed, where it fails. */
export async function runAsStranger(
  command: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<void> {
  await run(command, args, { env: STRANGERS_ENV, maxBuffer: 64 * 1_024 * 1_024, ...options }).catch(
    ({ message, stdout, stderr }) => {
      throw new Error(`${message}\n${stdout}${stderr}`)
    },
  )
}

/** Packs what is built now; the caller has built it (`npm test` does). */
export async function packTarball(into: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', into], {
    cwd: PROJECT_ROOT,
    env: STRANGERS_ENV,
  })
  const [{ filename }] = JSON.parse(stdout)
  return join(into, filename)
}
