import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { ownRedisForTests, type RedisServer, redisForTests, startRedis } from '../support/redis.js'

describe('the Redis of the tests', () => {
  it('is one server for all suites', async function () {
    expect(await redisForTests(this))
      .to.equal(await redisForTests(this))
      .and.match(/^rediss?:\/\//)
  })

  describe('one of its own', () => {
    let server: RedisServer
    let client: Redis

    before(async function () {
      server = await ownRedisForTests(this, { args: ['--maxmemory', '8mb'] })
      client = new Redis(server.url)
    })

    after(async () => {
      client?.disconnect()
      await server?.stop()
    })

    it('runs with the arguments asked for, and keeps nothing on disk', async () => {
      expect(await client.config('GET', 'maxmemory')).to.deep.equal(['maxmemory', String(8 * 1024 * 1024)])
      expect(await client.config('GET', 'save')).to.deep.equal(['save', ''])
    })

    it('answers nothing while frozen, and goes on when thawed', async () => {
      await server.freeze()
      const answer = client.ping()
      const whileFrozen = await Promise.race([answer, sleep(200, 'silence')])
      await server.thaw()
      expect(whileFrozen).to.equal('silence')
      expect(await answer).to.equal('PONG')
    })

    it('comes back on the same port after a stop', async () => {
      await server.stop()
      expect(() => process.kill(server.pid, 0)).to.throw('ESRCH')
      server = await startRedis({ port: server.port })
      expect(await client.ping()).to.equal('PONG')
    })
  })
})
