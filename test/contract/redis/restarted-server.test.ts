import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { adminClient } from '../../support/redis-admin.js'
import { describeOnEachClient, type TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'
import { redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

describeOnEachClient('RedisStore on a Redis that was restarted from its disk', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { storeOn } = redis

  let directory: string
  let server: RedisServer
  const opened: [TestedClient, RedisStore][] = []

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'express-cacheable-aof-'))
  })
  after(() => rm(directory, { recursive: true }))
  afterEach(async () => {
    for (const [connection, opening] of opened.splice(0)) {
      await opening.close()
      connection.end()
    }
    await server?.stop()
  })

  const start = async (context: Mocha.Context, port?: number) => {
    const args = ['--dir', directory, '--appendonly', 'yes', '--appendfsync', 'always']
    server = await ownRedisForTests(context, port === undefined ? { args } : { args, port })
  }
  const open = async () => {
    const connection = kind.open(server.url)
    const opening = storeOn(connection.client)
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
    const admin = adminClient(server.port)
    expect(await admin.get(`${redis.keyPrefix}user:1`)).to.equal('old')
    admin.disconnect()
    expect(await newcomer.opening.get('user:1')).to.equal(null)
    await until('the first process to be connected again', () => first.connection.isReady())
    expect(await first.opening.get('user:1')).to.equal(null)

    // What is stored since then counts, also for those who come later.
    await newcomer.opening.set('user:1', Buffer.from('new'), TTL_MS)
    for (const { opening } of [first, newcomer, await open()]) {
      expect((await opening.get('user:1'))?.value.toString()).to.equal('new')
    }
  })
})
