import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { basename, delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import { deferred } from '#src/tools/deferred.js'
import { startProcess, type TestProcess } from '../support/child-process.js'
import { PROJECT_ROOT } from '../support/project-root.js'
import { until } from '../support/until.js'
import type { Cell } from './cells.js'
import { removeDirectory, runAsStranger, STRANGERS_ENV, temporaryDirectory } from './stranger.js'

const INSTALL = 'npm install --prefer-offline --no-audit --no-fund --no-package-lock'

const ANSWERS_WITHIN_MS = 10_000

/** What each cell is tried with. */
export interface Surroundings {
  readonly tarball: string
  readonly redisUrl: string
}

/**
 * Installs a cell beside the tarball in a folder of its own, builds and starts it, and asks: a miss, a hit, a write, a
 * miss; then it is told to close, and has to end by itself.
 *
 * @returns What was installed, such as `express 5.3.0`.
 * @throws with what was printed where any of it is otherwise.
 */
export async function tryCell(cell: Cell, { tarball, redisUrl }: Surroundings): Promise<readonly string[]> {
  const directory = await temporaryDirectory()
  try {
    await lay(cell, directory, tarball)
    const run = commandIn(directory)
    await run(cell.install ?? INSTALL)
    const installed = await Promise.all(
      Object.entries(cell.dependencies).map(([name, range]) => installedVersion(directory, name, range)),
    )
    if (cell.scripts.build) await run(cell.scripts.build)
    if (cell.scripts.test) {
      await run(cell.scripts.test)
      return installed
    }
    const { PATH } = environmentIn(directory)
    const startsIn = cell.bundle ? await alone(join(directory, cell.bundle)) : directory
    try {
      const env = { ...STRANGERS_ENV, PATH, ...(cell.redis && { REDIS_URL: redisUrl }) }
      const app = await startProcess('sh', ['-c', `exec ${cell.scripts.start}`], { cwd: startsIn, env })
      try {
        await ask(app, cell.redis ? redisUrl : undefined)
      } finally {
        await app.stop()
      }
    } finally {
      if (cell.bundle) await removeDirectory(startsIn)
    }
    return installed
  } finally {
    await removeDirectory(directory)
  }
}

async function lay(cell: Cell, directory: string, tarball: string): Promise<void> {
  await cp(cell.folder, directory, { recursive: true })
  for (const [name, app] of Object.entries(cell.apps)) {
    await mkdir(dirname(join(directory, name)), { recursive: true })
    await cp(join(PROJECT_ROOT, 'test/compat/apps', app), join(directory, name))
  }
  const manifest = join(directory, 'package.json')
  const { compat: _, ...rest } = JSON.parse(await readFile(manifest, 'utf8'))
  rest.dependencies = { ...rest.dependencies, 'express-cacheable': `file:${tarball}` }
  await writeFile(manifest, JSON.stringify(rest, undefined, 2))
}

/** Nothing is found beside a bundle but itself. */
async function alone(bundle: string): Promise<string> {
  const directory = await temporaryDirectory()
  await cp(bundle, join(directory, basename(bundle)))
  return directory
}

async function installedVersion(directory: string, name: string, range: string): Promise<string> {
  const manifest = join(directory, 'node_modules', name, 'package.json')
  // Yarn's Plug'n'Play has no such folder.
  const version = await readFile(manifest, 'utf8').then(
    (json) => JSON.parse(json).version,
    () => range,
  )
  return `${name} ${version}`
}

function environmentIn(directory: string): NodeJS.ProcessEnv {
  return {
    ...STRANGERS_ENV,
    PATH: [join(directory, 'node_modules/.bin'), process.env.PATH].join(delimiter),
  }
}

function commandIn(directory: string): (command: string) => Promise<void> {
  return (command) => runAsStranger('sh', ['-c', command], { cwd: directory, env: environmentIn(directory) })
}

async function ask(app: TestProcess, redisUrl: string | undefined): Promise<void> {
  const url = await listening(app)
  const redis = redisUrl === undefined ? undefined : new Redis(redisUrl)
  try {
    await redis?.flushall()
    // A busy machine may take longer to connect than an application waits for Redis before it starts without.
    await until('the cache to be there', async () => (await send('GET', `${url}/names/0`)).cache !== 'BYPASS')
    const steps = [
      ['GET', '/names/1', 'MISS', { id: '1', name: 'Ada' }],
      ['GET', '/names/1', 'HIT', { id: '1', name: 'Ada' }],
      ['PUT', '/names/1?name=Grace', undefined, { id: '1', name: 'Grace' }],
      ['GET', '/names/1', 'MISS', { id: '1', name: 'Grace' }],
    ] as const
    for (const [method, path, cache, body] of steps) {
      const answer = await send(method, `${url}${path}`)
      const expected = { status: 200, cache, body: JSON.stringify(body) }
      if (JSON.stringify(answer) !== JSON.stringify(expected)) {
        throw new Error(`${method} ${path}: ${JSON.stringify(answer)}, not ${JSON.stringify(expected)}`)
      }
    }
    // It is stored once the answer has left.
    if (redis) await until('name:1 to be in Redis', async () => (await redis.exists('name:1')) === 1)
  } catch (error) {
    throw new Error(`${error}\n${app.output()}`)
  } finally {
    redis?.disconnect()
  }
  await send('POST', `${url}/stop`)
  await until('the process to end by itself', () => app.exitCode() !== undefined)
  if (app.exitCode() !== 0) throw new Error(`It ended with ${app.exitCode()}:\n${app.output()}`)
}

async function listening(app: TestProcess): Promise<string> {
  let url: string | undefined
  await until('the app to listen', () => {
    url = /http:\/\/[\d.:]+/.exec(app.output())?.[0]
    if (app.exitCode() !== undefined) throw new Error(`It ended with ${app.exitCode()}:\n${app.output()}`)
    return url !== undefined
  })
  return url as string
}

interface Answer {
  readonly status: number | undefined
  readonly cache: string | undefined
  readonly body: string
}

/** Over a connection of its own: none that is kept open may keep a process from ending. */
async function send(method: string, url: string): Promise<Answer> {
  const { promise, resolve, reject } = deferred<Answer>()
  request(url, { method, agent: false, timeout: ANSWERS_WITHIN_MS }, async (response) => {
    const cache = response.headers['x-cache'] as string | undefined
    resolve({ status: response.statusCode, cache, body: await text(response) })
  })
    .on('timeout', () => reject(new Error(`${method} ${url}: no answer within ${ANSWERS_WITHIN_MS} ms`)))
    .on('error', reject)
    .end()
  return promise
}
