import type { Redis } from 'ioredis'
import { sum } from '../figures.js'
import { type ForkedProcess, forkProcess } from '../fork-process.js'
import { type BenchRedis, connectPlain, startOwnRedis } from '../redis.js'
import { PROCESSES } from './requests.js'
import type { Subject } from './subject.js'
import { Truth } from './truth.js'

/** A set-up that listens: its processes, its database and its Redis. */
export interface RunningSubject {
  readonly subject: Subject
  /** Of its processes. */
  readonly urls: readonly string[]
  readonly redis: BenchRedis
  readonly truth: Truth
  usage(): Promise<Usage>
}

/** What has been used so far. */
export interface Usage {
  readonly databaseCalls: number
  /** Of all processes of the app. */
  readonly appCpuMs: number
  readonly redisCpuMs: number
  readonly redisBytes: number
  readonly redisKeys: number
}

const DATABASE_PROCESS = new URL('./database-process.js', import.meta.url)
const APP_PROCESS = new URL('./app-process.js', import.meta.url)
/** While others are measured, V8 would throw away the code that it has compiled for an idle one. */
const EXEC_ARGV = ['--no-memory-reducer']

/** Starts all that belongs to it, which ends with the bench. @param redisBytes - Its Redis lets go of what is more. */
export async function startSubject(
  subject: Subject,
  redisBytes: number,
  seed: number,
): Promise<RunningSubject> {
  const redis = await startOwnRedis()
  const client = connectPlain(redis.url)
  await client.config('SET', 'maxmemory', Math.round(redisBytes))
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
  const database = forkProcess(DATABASE_PROCESS, {
    what: `The database of ${subject.name}`,
    args: [String(seed)],
  })
  const port = await database.hear<number>()
  const apps = Array.from({ length: PROCESSES }, () => {
    return forkProcess(APP_PROCESS, {
      what: subject.name,
      args: [subject.name, redis.url, String(port)],
      execArgv: EXEC_ARGV,
    })
  })
  const urls = await Promise.all(apps.map((app) => app.hear<string>()))
  return { subject, urls, redis, truth: new Truth(), usage: () => usageOf(database, apps, client) }
}

async function usageOf(
  database: ForkedProcess,
  apps: readonly ForkedProcess[],
  redis: Redis,
): Promise<Usage> {
  const info = await redis.info()
  const field = (name: string) => Number(info.match(new RegExp(`^${name}:([\\d.]+)`, 'm'))?.[1])
  return {
    databaseCalls: await database.ask<number>(),
    appCpuMs: sum(await Promise.all(apps.map((app) => app.ask<number>()))),
    redisCpuMs: (field('used_cpu_user') + field('used_cpu_sys')) * 1_000,
    redisBytes: field('used_memory'),
    redisKeys: await redis.dbsize(),
  }
}
