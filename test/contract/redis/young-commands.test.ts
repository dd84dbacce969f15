import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'

const PROGRAM = fileURLToPath(new URL('./aged-by-lookups.js', import.meta.url))
/** Of a command that became old, its arguments alone take more. */
const MOST_BYTES = 500

describe('a lookup in Redis', () => {
  let server: RedisServer

  before(async function () {
    server = await ownRedisForTests(this)
  })
  after(() => server.stop())

  for (const kind of ['ioredis-6', 'ioredis-5', 'iovalkey']) {
    it(`is let go of without a collection of all that there is, with ${kind}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, kind, server.url])
      expect(Number(stdout)).to.be.within(-MOST_BYTES, MOST_BYTES)
    })
  }
})
