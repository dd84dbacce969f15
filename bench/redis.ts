import { tmpdir } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { CommandError } from '#demo/command-error.js'
import { startProcess } from '../test/support/child-process.js'
import { freePort } from '../test/support/free-port.js'
import { until } from '../test/support/until.js'
import { atEnd } from './run-bench.js'

/** A Redis started for the bench; it cannot outlive it. */
export interface BenchRedis {
  readonly pid: number
  readonly url: string
  /** It keeps its connections and answers nothing, like a machine that is swapping. `stop` ends it all the same. */
  freeze(): void
  thaw(): void
  stop(): Promise<void>
}

/** What a shell answers for a command that is not on the PATH. */
const NOT_FOUND = 127

/** Until then a process that is new to it serves nothing, as it waits for others that may have been there. */
const YOUNG_MS = 3_000

/**
 * Starts the `redis-server` that is on the PATH on a loopback port, without persistence, and waits until it is settled.
 *
 * @param at - Its number, to come back at once where it was; a free one, where none is given.
 * @returns `undefined` when there is none on the PATH. Unlike the tests, a bench installs nothing.
 */
export async function startBenchRedis(at?: number): Promise<BenchRedis | undefined> {
  const port = at ?? (await freePort())
  const server = await startProcess('redis-server', [
    ...['--port', String(port), '--bind', '127.0.0.1'],
    ...['--save', '', '--appendonly', 'no', '--dir', tmpdir()],
  ])
  await until('redis-server to start', () => {
    return server.exitCode() !== undefined || server.output().includes('Ready to accept connections')
  })
  const code = server.exitCode()
  if (code === NOT_FOUND) return undefined
  if (code !== undefined) throw new CommandError(`redis-server ended at once: ${server.output().trim()}`)
  if (at === undefined) await sleep(YOUNG_MS)
  return {
    pid: server.pid,
    url: `redis://127.0.0.1:${port}`,
    freeze: () => void process.kill(server.pid, 'SIGSTOP'),
    thaw: () => void process.kill(server.pid, 'SIGCONT'),
    stop: () => server.stop(),
  }
}

/** A Redis without which there is nothing to measure; it ends with the bench. */
export async function startOwnRedis(at?: number): Promise<BenchRedis> {
  const redis = await startBenchRedis(at)
  if (!redis) {
    throw new CommandError(
      'There is no redis-server on the PATH. To have it: sudo apt-get install redis-server',
    )
  }
  atEnd(() => redis.stop())
  return redis
}

/** A plain client, which ends with the bench. */
export function connectPlain(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: () => null })
  // A command that fails says so itself.
  redis.on('error', () => {})
  atEnd(async () => redis.disconnect())
  return redis
}

/** One line of `INFO`. */
export async function infoOf(redis: Redis, field: string): Promise<string> {
  const line = (await redis.info()).split('\r\n').find((line) => line.startsWith(`${field}:`))
  return line?.slice(field.length + 1) ?? ''
}

/** The CPU time that a Redis has used so far. */
export async function cpuMsOf(redis: Redis): Promise<number> {
  const info = await redis.info('cpu')
  const [user, system] = ['user', 'sys'].map((kind) => info.match(`used_cpu_${kind}:([\\d.]+)`)?.[1])
  return (Number(user) + Number(system)) * 1_000
}
