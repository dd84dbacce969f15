import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Redis } from 'ioredis'
import { startProcess, type TestProcess } from '../../support/child-process.js'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js'
import { LightClient } from '../../support/light-client.js'
import { adminClient, LOOPBACK } from '../../support/redis-admin.js'
import { type RedisServer, startRedis } from '../../support/redis-server.js'
import { until } from '../../support/until.js'
import { type Rows, startRows } from './rows.js'

const APP = fileURLToPath(new URL('app-process.js', import.meta.url))

interface Answered {
  readonly version: number
  readonly xCache: string
}

/** One application in a process of its own. */
export interface Player {
  readonly name: string
  readonly pid: number
  read(row: string): Promise<Answered>
  write(row: string): Promise<number>
  status(): Promise<{ readonly circuit: string; readonly owedEvictions: number }>
  kill(): Promise<void>
}

export interface StageOptions {
  readonly processes: number
  readonly redisArgs?: readonly string[]
  /** The kind of client that each process makes (`redis-clients.ts`); none: it is given a URL. */
  readonly client?: string | undefined
  /** Options of each cache beside `redis`. */
  readonly cache?: Readonly<Record<string, unknown>>
}

/**
 * A Redis, processes over it, the rows behind them. The first process writes, on a way of its own to Redis that can be
 * broken for it alone; the others read.
 */
export class Stage {
  server!: RedisServer
  admin!: Redis
  /** The way of the writer to Redis. */
  proxy!: FaultProxy
  rows!: Rows
  /** Where Redis keeps its data, across restarts. */
  directory!: string
  /** Of its own, where a fault needs a second one. */
  other: { readonly server: RedisServer; readonly admin: Redis } | undefined
  readonly #options: StageOptions
  readonly #players: (Player | undefined)[] = []
  readonly #processes = new Set<TestProcess>()
  readonly #client = new LightClient(15_000)
  #count = 0

  private constructor(options: StageOptions) {
    this.#options = options
  }

  static async open(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options)
    stage.directory = await mkdtemp(join(tmpdir(), 'express-cacheable-in-touch-'))
    await stage.startRedis()
    stage.rows = await startRows()
    stage.proxy = await startFaultProxy({ host: LOOPBACK, port: stage.server.port })
    return stage
  }

  async close(): Promise<void> {
    this.#client.close()
    await Promise.all([...this.#processes].map((process) => process.stop()))
    await this.proxy.close()
    this.admin.disconnect()
    this.other?.admin.disconnect()
    await Promise.all([this.server.stop(), this.other?.server.stop()])
    await this.rows.close()
    await rm(this.directory, { recursive: true, force: true })
  }

  /** Anew on the same port, where there was one before. */
  async startRedis(): Promise<void> {
    this.admin?.disconnect()
    const args = ['--dir', this.directory, ...(this.#options.redisArgs ?? [])]
    const port = this.server?.port
    this.server = await startRedis(port === undefined ? { args } : { args, port })
    this.admin = adminClient(this.server.port)
  }

  async startOtherRedis(): Promise<void> {
    const server = await startRedis()
    this.other = { server, admin: adminClient(server.port) }
  }

  get writer(): Player {
    return this.#players[0] as Player
  }

  get readers(): readonly Player[] {
    return this.#players.slice(1) as Player[]
  }

  newRow(): string {
    this.#count += 1
    return String(this.#count)
  }

  /** Starts who is missing, and waits until all serve hits of the row. */
  async settle(row: string): Promise<void> {
    for (let nth = 0; nth < this.#options.processes; nth++) {
      this.#players[nth] ??= await this.#start(nth)
    }
    const version = this.rows.version(row)
    for (const player of this.#players as Player[]) {
      await until(
        `hits by ${player.name}`,
        async () => {
          const answer = await player.read(row)
          if (answer.version !== version) return false
          const { circuit, owedEvictions } = await player.status()
          return answer.xCache === 'HIT' && circuit === 'closed' && owedEvictions === 0
        },
        { deadlineMs: 20_000 },
      )
    }
  }

  async #start(nth: number): Promise<Player> {
    const url = nth === 0 ? this.proxy.url : this.server.url
    const options = JSON.stringify({
      options: { ...this.#options.cache, redis: url },
      database: this.rows.url,
      client: this.#options.client,
    })
    const child = await startProcess(process.execPath, [APP, options])
    this.#processes.add(child)
    await until('an application to listen', () => {
      if (child.exitCode() !== undefined) throw new Error(child.output())
      return /^\d+\n/m.test(child.output())
    })
    const base = `http://127.0.0.1:${Number.parseInt(/^(\d+)\n/m.exec(child.output())?.[1] ?? '', 10)}`
    const ask = async (path: string, method = 'GET') => {
      const { status, text, xCache } = await this.#client.ask(method, base + path)
      if (status !== 200) throw new Error(`${status} from ${path}`)
      return { json: JSON.parse(text), xCache }
    }
    return {
      name: 'ABCDEF'[nth] as string,
      pid: child.pid,
      async read(row) {
        const { json, xCache } = await ask(`/rows/${row}`)
        return { version: (json as { version: number }).version, xCache }
      },
      write: async (row) => ((await ask(`/rows/${row}`, 'PUT')).json as { version: number }).version,
      status: async () => (await ask('/status')).json as Awaited<ReturnType<Player['status']>>,
      kill: async () => {
        process.kill(child.pid, 'SIGKILL')
        this.#players[nth] = undefined
        this.#processes.delete(child)
        await child.stop()
      },
    }
  }
}
