import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Redis } from 'ioredis'
import { freePort } from '../../support/free-port.js'
import { adminClient, LOOPBACK } from '../../support/redis-admin.js'
import { type RedisServer, startRedis } from '../../support/redis-server.js'
import { until } from '../../support/until.js'

const DATA = 'dump.rdb'

/** A Redis to which everything happens that can, on one port. */
export class RedisUnderFaults {
  readonly #directory: string
  #server: RedisServer
  #admin: Redis

  private constructor(directory: string, server: RedisServer) {
    this.#directory = directory
    this.#server = server
    this.#admin = adminClient(server.port)
  }

  static async start(): Promise<RedisUnderFaults> {
    const directory = await mkdtemp(join(tmpdir(), 'express-cacheable-race-'))
    return new RedisUnderFaults(directory, await startRedis({ args: argumentsFor(directory) }))
  }

  get url(): string {
    return this.#server.url
  }

  freeze(): Promise<void> {
    return this.#server.freeze()
  }

  thaw(): Promise<void> {
    return this.#server.thaw()
  }

  /** Those who listen on their only connection count as subscribers. */
  async cutAll(): Promise<void> {
    for (const type of ['normal', 'pubsub']) await this.#admin.call('CLIENT', 'KILL', 'TYPE', type)
  }

  async configure(name: string, value: string | number): Promise<void> {
    await this.#admin.config('SET', name, value)
  }

  /** It takes no writes from then on, as saving fails. */
  async breakSaving(): Promise<void> {
    // A snapshot cannot take the place of a folder.
    await rm(this.#dataFile, { force: true })
    await mkdir(join(this.#dataFile, 'in-the-way'), { recursive: true })
    await this.configure('save', '3600 100000000')
    await this.#admin.bgsave()
    await until('saving to fail', async () =>
      (await this.#admin.info('persistence')).includes('rdb_last_bgsave_status:err'),
    )
  }

  async mendSaving(): Promise<void> {
    await this.configure('save', '')
    await rm(this.#dataFile, { recursive: true, force: true })
  }

  /** A replica of a master that nobody reaches, with the old connections. */
  async demote(): Promise<void> {
    await this.#admin.replicaof(LOOPBACK, await freePort())
  }

  async promote(): Promise<void> {
    await this.#admin.replicaof('NO', 'ONE')
  }

  async save(): Promise<void> {
    await this.#admin.save()
  }

  /** Ends in the middle of its work, with what was last saved on its disk. */
  async kill(): Promise<void> {
    this.#admin.disconnect()
    process.kill(this.#server.pid, 'SIGKILL')
    await this.#server.stop()
  }

  /** Saves all that it has, and ends. */
  async shutDown(): Promise<void> {
    await this.#admin.call('SHUTDOWN', 'SAVE').catch(() => {})
    this.#admin.disconnect()
    await this.#server.stop()
  }

  async startAgain(data: 'with what is saved' | 'without data'): Promise<void> {
    if (data === 'without data') await rm(this.#dataFile, { force: true })
    this.#server = await startRedis({ args: argumentsFor(this.#directory), port: this.#server.port })
    this.#admin = adminClient(this.#server.port)
  }

  async stop(): Promise<void> {
    this.#admin.disconnect()
    await this.#server.stop()
    await rm(this.#directory, { recursive: true, force: true })
  }

  get #dataFile(): string {
    return join(this.#directory, DATA)
  }
}

function argumentsFor(directory: string): readonly string[] {
  return ['--dir', directory, '--dbfilename', DATA]
}
