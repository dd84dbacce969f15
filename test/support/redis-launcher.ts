import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { PROJECT_ROOT } from './project-root.js'

/** How this machine can start a Redis. */
export type RedisLauncher =
  | { readonly kind: 'binary'; readonly path: string }
  | { readonly kind: 'docker'; readonly image: string }

const DOCKER_IMAGE = 'redis:7'
const INSTALL_SCRIPT = join(PROJECT_ROOT, 'scripts/install-redis.sh')

let found: Promise<RedisLauncher | undefined> | undefined

/** The first that works of: `redis-server` on the PATH, the same installed through apt as root, Docker. */
export function findRedisLauncher(): Promise<RedisLauncher | undefined> {
  found ??= search()
  return found
}

/** The path of `redis-server` where it is 7 or later, as its cluster and its sentinels are not run in Docker here. */
export async function findRedis7(): Promise<string | undefined> {
  const launcher = await findRedisLauncher()
  if (launcher?.kind !== 'binary') return undefined
  const { stdout } = await promisify(execFile)(launcher.path, ['--version'])
  return Number(/v=(\d+)/.exec(stdout)?.[1]) >= 7 ? launcher.path : undefined
}

async function search(): Promise<RedisLauncher | undefined> {
  const path = (await onPath('redis-server')) ?? (await installThroughApt())
  if (path !== undefined) return { kind: 'binary', path }
  if (await pullImage()) return { kind: 'docker', image: DOCKER_IMAGE }
  return undefined
}

async function installThroughApt(): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || (await onPath('apt-get')) === undefined) return undefined
  return (await runVisibly('sh', [INSTALL_SCRIPT])) ? onPath('redis-server') : undefined
}

async function pullImage(): Promise<boolean> {
  return (
    (await succeeds('docker', ['info'])) &&
    ((await succeeds('docker', ['image', 'inspect', DOCKER_IMAGE])) ||
      (await runVisibly('docker', ['pull', DOCKER_IMAGE])))
  )
}

async function onPath(command: string): Promise<string | undefined> {
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

function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return promisify(execFile)(command, args).then(
    () => true,
    () => false,
  )
}

/** Its output goes to our standard error, so that a slow download does not look like a hanging test. */
async function runVisibly(command: string, args: readonly string[]): Promise<boolean> {
  process.stderr.write(`\nRedis was not found; running: ${command} ${args.join(' ')}\n`)
  const child = spawn(command, args, { stdio: ['ignore', process.stderr, process.stderr] })
  const [code] = await once(child, 'exit')
  return code === 0
}
