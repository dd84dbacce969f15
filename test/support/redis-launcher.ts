import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { installThroughApt, onPath, runVisibly, succeeds } from './commands.js'

/** How this machine can start a Redis. */
export type RedisLauncher =
  | { readonly kind: 'binary'; readonly path: string }
  | { readonly kind: 'docker'; readonly image: string }

const DOCKER_IMAGE = 'redis:7'
const NOT_FOUND = 'Redis was not found'

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
  const path = (await onPath('redis-server')) ?? (await install())
  if (path !== undefined) return { kind: 'binary', path }
  if (await pullImage()) return { kind: 'docker', image: DOCKER_IMAGE }
  return undefined
}

/** With what makes certificates for it. */
async function install(): Promise<string | undefined> {
  return (await installThroughApt(NOT_FOUND, 'redis-server', 'openssl')) ? onPath('redis-server') : undefined
}

async function pullImage(): Promise<boolean> {
  return (
    (await succeeds('docker', ['info'])) &&
    ((await succeeds('docker', ['image', 'inspect', DOCKER_IMAGE])) ||
      (await runVisibly(NOT_FOUND, 'docker', ['pull', DOCKER_IMAGE])))
  )
}
