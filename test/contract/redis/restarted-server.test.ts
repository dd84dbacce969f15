import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Redis } from 'ioredis'
import { connectRedis } from '#src/stores/redis/connect-redis.js'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { until } from '../../support/until.js'
import { redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

describe('RedisStore on a Redis that was restarted from its disk', () => {
  const redis = redisStoreOfSuite()
  const { storeOn } = redis

  let directory: string
  let server: RedisServer
  const opened: [Redis, RedisStore][] = []

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'express-cacheable-aof-'))
  })
  after(() => rm(directory, { recursive: true }))
  afterEach(async () => {
    for (const [connection, opening] of opened.splice(0)) {
      await opening.close()
      connection.disconnect()
    }
    await server?.stop()
  })

  const start = async (context: Mocha.Context, port?: number) => {
    const args = ['--dir', directory, '--appendonly', 'yes', '--appendfsync', 'always']
    server = await ownRedisForTests(context, port === undefined ? { args } : { args, port })
  }
  const open = async () => {
    const connection = connectRedis(server.url, { onTrouble: () => {} })
    const opening = storeOn(connection)
    opened.push([connection, opening])
    await opening.ready()
    return { connection, opening }
  }

  it('serves nothing from before, to a process that was there and to one that was not', async function () {
    await start(this)
    const first = await open()
    await first.opening.set('user:1', Buffer.from('old'), TTL_MS)
    process.kill(server.pid, 'SIGKILL')
    await server.stop()

    await start(this, server.port)
    const newcomer = await open()
    expect(await newcomer.connection.get(`${redis.keyPrefix}user:1`)).to.equal('old')
    expect(await newcomer.opening.get('user:1')).to.equal(null)
    await until('the first process to be connected again', () => first.connection.status === 'ready')
    expect(await first.opening.get('user:1')).to.equal(null)

    // What is stored since then counts, also for those who come later.
    await newcomer.opening.set('user:1', Buffer.from('new'), TTL_MS)
    for (const { opening } of [first, newcomer, await open()]) {
      expect((await opening.get('user:1'))?.value.toString()).to.equal('new')
    }
  })
})
