import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { freePort } from '../../support/free-port.js'
import { ownRedisForTests, type RedisServer, type RedisServerOptions } from '../../support/redis.js'
import { adminClient, LOOPBACK } from '../../support/redis-admin.js'
import { describeOnEachClient, type TestedClient } from '../../support/redis-clients.js'
import { until } from '../../support/until.js'
import { sinceAllAnswered } from '../all-answered.js'
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

  const start = async (context: Mocha.Context, options: RedisServerOptions = {}) => {
    const args = ['--dir', directory, '--appendonly', 'yes', '--appendfsync', 'always']
    server = await ownRedisForTests(context, { args, ...options })
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

    await start(this, { port: server.port })
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

  // Whoever was there before may have no connection yet, and evictions that it could not deliver.
  it('lets a newcomer wait for those of whom a server that has just started can know nothing', async function () {
    const beganAt = Date.now()
    await start(this, { isYoung: true })
    const { opening } = await open()
    expect(await sinceAllAnswered(opening, beganAt)).to.be.at.least(2_000)
  }).timeout(20_000)

  it('lets one wait where a server was restarted, and where a replica took over', async function () {
    await start(this)
    const first = await open()
    await sinceAllAnswered(first.opening, 0)
    const takeOver = async () => {
      const admin = adminClient(server.port)
      await admin.replicaof(LOOPBACK, await freePort())
      await admin.replicaof('NO', 'ONE')
      admin.disconnect()
    }
    const restart = async () => {
      process.kill(server.pid, 'SIGKILL')
      await server.stop()
      await start(this, { port: server.port })
    }
    for (const change of [takeOver, restart]) {
      await change()
      const beganAt = Date.now()
      const { opening } = await open()
      expect(await sinceAllAnswered(opening, beganAt)).to.be.at.least(2_000)
    }
  }).timeout(30_000)

  it('lets nobody wait at one that has been up for long', async () => {
    const { rollCall, missing } = await redis.store.heartbeat({ heard: 0, rollCall: 'begin' })
    expect(rollCall).to.not.equal(null)
    expect(missing).to.equal(0)
  })
})
