import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { startProcess, type TestProcess } from './child-process.js'
import { freePort } from './free-port.js'
import { findRedisLauncher, type RedisLauncher } from './redis-launcher.js'
import type { Certificate } from './tls-certificates.js'
import { until } from './until.js'

/** A Redis of one's own, for tests that freeze it, fill it or take it away. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  /** Of `redis-server`; with Docker, of the client that runs it. */
  readonly pid: number
  stop(): Promise<void>
  /** It keeps its connections and answers nothing, like a machine that is swapping or partitioned. */
  freeze(): Promise<void>
  thaw(): Promise<void>
}

export interface RedisServerOptions {
  /** Further arguments of `redis-server`, such as `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[]
  /** The port, to come back where an earlier server was, and at once; a free one if not given. */
  readonly port?: number
  /** Whether it is given out before it has been up for so long that no process waits for others that may come back. */
  readonly isYoung?: boolean
  /** It speaks TLS alone and shows this certificate; not with Docker, where there are no such files. */
  readonly tls?: Certificate
}

/** Says that this machine has no Redis and no way to get one. */
export class RedisNotFound extends Error {
  override readonly name = 'RedisNotFound'
}

const NO_PERSISTENCE = ['--save', '', '--appendonly', 'no']

/** Until then a process that is new to it waits for others that it may have forgotten. */
const YOUNG_SECONDS = 3

/**
 * Starts a Redis on a loopback port and waits until it answers, and is no longer young. It ends with `stop()`, or with
 * this process.
 *
 * @throws {RedisNotFound} where there is no Redis to start.
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (;;) {
    try {
      return await startOnPort(options)
    } catch (error) {
      // A port that was free may be somebody's by now.
      if (options.port !== undefined || !String(error).includes('Address already in use')) throw error
    }
  }
}

async function startOnPort({
  args = [],
  port,
  isYoung = port !== undefined,
  tls,
}: RedisServerOptions): Promise<RedisServer> {
  const launcher = await findRedisLauncher()
  if (launcher === undefined) throw new RedisNotFound('no redis-server, no apt as root, and no Docker')
  if (tls && launcher.kind !== 'binary') throw new RedisNotFound('no redis-server for TLS on the PATH')
  const onPort = port ?? (await freePort())
  const server = await launch(launcher, onPort, [...(tls ? tlsArguments(onPort, tls) : []), ...args])
  const url = `${tls ? 'rediss' : 'redis'}://127.0.0.1:${onPort}`
  try {
    await until('Redis to answer', async () => {
      if (server.process.exitCode() !== undefined) throw new Error('redis-server ended at once')
      return answers(url, isYoung ? 0 : YOUNG_SECONDS)
    })
  } catch (error) {
    await server.stop()
    throw new Error(`Redis did not start on port ${onPort}: ${server.process.output()}`, { cause: error })
  }
  return {
    url,
    port: onPort,
    pid: server.process.pid,
    stop: server.stop,
    freeze: server.freeze,
    thaw: server.thaw,
  }
}

function tlsArguments(port: number, { certFile, keyFile }: Certificate): string[] {
  return [
    ...['--port', '0', '--tls-port', String(port), '--tls-auth-clients', 'no'],
    ...['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-ca-cert-file', certFile],
  ]
}

type Launched = { process: TestProcess } & Pick<RedisServer, 'stop' | 'freeze' | 'thaw'>

function launch(launcher: RedisLauncher, port: number, args: readonly string[]): Promise<Launched> {
  return launcher.kind === 'binary'
    ? launchBinary(launcher.path, port, args)
    : launchContainer(launcher.image, port, args)
}

async function launchBinary(path: string, port: number, args: readonly string[]): Promise<Launched> {
  const directory = await mkdtemp(join(tmpdir(), 'express-cacheable-redis-'))
  const child = await startProcess(
    path,
    [...['--port', String(port), '--bind', '127.0.0.1', '--dir', directory], ...NO_PERSISTENCE, ...args],
    { removes: directory },
  )
  return {
    process: child,
    stop: child.stop,
    async freeze() {
      process.kill(child.pid, 'SIGSTOP')
    },
    async thaw() {
      process.kill(child.pid, 'SIGCONT')
    },
  }
}

async function launchContainer(image: string, port: number, args: readonly string[]): Promise<Launched> {
  const name = `express-cacheable-${randomUUID()}`
  const docker = async (...command: string[]) => {
    await promisify(execFile)('docker', command)
  }
  // In the foreground: the client passes the lifeline's SIGTERM on to the container, and `--rm` removes it.
  const child = await startProcess('docker', [
    ...['run', '--rm', '--name', name, '-p', `127.0.0.1:${port}:6379`, image, 'redis-server'],
    ...NO_PERSISTENCE,
    ...args,
  ])
  return {
    process: child,
    stop: child.stop,
    freeze: () => docker('pause', name),
    thaw: () => docker('unpause', name),
  }
}

async function answers(url: string, upSeconds: number): Promise<boolean> {
  const client = new Redis(url, {
    ...{ lazyConnect: true, retryStrategy: () => null, connectTimeout: 1_000 },
    // Whether it can be trusted is what a test is about.
    ...(url.startsWith('rediss:') ? { tls: { rejectUnauthorized: false } } : {}),
  })
  // ioredis also emits what `connect` rejects with; the answer here is just "not yet".
  client.on('error', () => {})
  try {
    await client.connect()
    const up = /uptime_in_seconds:(\d+)/.exec(await client.info('server'))?.[1]
    return Number(up) >= upSeconds
  } catch {
    return false
  } finally {
    client.disconnect()
  }
}
