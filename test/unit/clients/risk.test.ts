import { expect } from 'chai'
import { Cluster, Redis } from 'ioredis'
import { createClient } from 'redis'
import { createCache } from '#src/cache.js'
import type { RedisClient } from '#src/clients/redis-client.js'
import { recordingLogger } from '../../support/recording-logger.js'

describe('a client whose settings keep a promise less well', () => {
  async function warningsOf(redis: RedisClient): Promise<readonly string[]> {
    const log = recordingLogger()
    const cache = createCache({ redis, logger: log })
    await cache.close()
    return log.at('warn')
  }

  for (const maxRetriesPerRequest of [undefined, 20, null, 1]) {
    it(`is warned of once: ioredis with maxRetriesPerRequest: ${maxRetriesPerRequest}`, async () => {
      const given = maxRetriesPerRequest === undefined ? {} : { maxRetriesPerRequest }
      const warnings = await warningsOf(new Redis({ lazyConnect: true, ...given }))
      expect(warnings).to.have.lengthOf(1)
      expect(warnings[0]).to.include('Give it maxRetriesPerRequest: 0.')
    })
  }

  it('is none that sends nothing again', async () => {
    for (const client of [
      new Redis({ lazyConnect: true, maxRetriesPerRequest: 0 }),
      new Redis({ lazyConnect: true, autoResendUnfulfilledCommands: false }),
      new Cluster([], { lazyConnect: true }),
      createClient(),
    ]) {
      expect(await warningsOf(client)).to.deep.equal([])
    }
  })
})
