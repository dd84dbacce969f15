import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { PROJECT_ROOT } from '../support/project-root.js'
import { until } from '../support/until.js'

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

/** Copies the sources of `apps/<app>` to `directory`, and installs the tarball and `packages` beside them. */
export async function installApp(
  app: string,
  { directory, tarball, packages }: { directory: string; tarball: string; packages: readonly string[] },
): Promise<void> {
  await cp(join(PROJECT_ROOT, 'test/packed/apps', app), directory, { recursive: true })
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...packages]
  await runAsStranger('npm', install, { cwd: directory })
}

/** The packages in the versions this project is developed with: npm then has them in its cache already. */
export async function asDeveloped(...names: readonly string[]): Promise<string[]> {
  const { devDependencies } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'))
  return names.map((name) => `${name}@${devDependencies[name]}`)
}

/** @throws with the compiler's messages if the app in `directory` has a type error. */
export async function compileApp(directory: string): Promise<void> {
  const tsc = join(PROJECT_ROOT, 'node_modules/typescript/bin/tsc')
  await runAsStranger(process.execPath, [tsc, '-p', directory], { cwd: directory })
}

/** Runs `node <entry>` in `directory` and waits until it has said where it listens. */
export async function startApp(
  directory: string,
  entry: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ url: string; app: TestProcess }> {
  const app = await startProcess(process.execPath, [entry], {
    cwd: directory,
    env: { ...STRANGERS_ENV, PORT: '0', ...env },
  })
  let url: string | undefined
  try {
    await until(`${entry} to listen`, () => {
      if (app.exitCode() !== undefined) throw new Error(`${entry} ended`)
      url = /http:\/\/[\d.:]+/.exec(app.output())?.[0]
      return url !== undefined
    })
  } catch (error) {
    await app.stop()
    throw new Error(`${entry} did not start: ${app.output()}`, { cause: error })
  }
  return { url: url as string, app }
}
