import Module, { createRequire } from 'node:module'
import { expect } from 'chai'
import { Redis as Valkey } from 'iovalkey'
import { CacheError } from '#src/errors.js'
import { connectRedis, reconnectDelayMs } from '#src/stores/redis/connect-redis.js'
import { until } from '../../../support/until.js'

const onTrouble = () => {}

describe('connectRedis', () => {
  for (const [url, problem] of [
    ['not a url', 'cannot be read as a URL'],
    ['', 'cannot be read as a URL'],
    ['redis://host:99999', 'cannot be read as a URL'],
    ['http://user:s3cret@host', 'begins with none of redis://, rediss://'],
    ['localhost:6379', 'begins with none of redis://, rediss://'],
    ['redis://', 'names no host'],
    ['redis://:s3cret@host/cache', 'not the number of a database'],
  ] as const) {
    it(`refuses ${JSON.stringify(url)} and says what is wrong, not what the password is`, () => {
      expect(() => connectRedis(url, { onTrouble }))
        .to.throw(CacheError, problem)
        .with.property('code', 'E_CACHE_OPTION')
      try {
        connectRedis(url, { onTrouble })
      } catch (error) {
        expect(String((error as Error).stack)).to.not.include('s3cret')
      }
    })
  }

  for (const url of ['redis://127.0.0.1:1', 'redis://127.0.0.1:1/2', 'rediss://:p%40ss@127.0.0.1:1/0']) {
    it(`takes ${url}, reports that nothing is there, queues nothing and goes on trying`, async () => {
      let report = (_error: unknown) => {}
      const reported = new Promise<unknown>((resolve) => {
        report = resolve
      })
      const client = connectRedis(url, { onTrouble: report })
      const refused = await client.get('a').catch((error: Error) => error.message)
      expect(refused).to.include('enableOfflineQueue')
      expect(await reported).to.be.instanceOf(Error)
      await until('the next try', () => client.status === 'reconnecting')
      client.disconnect()
    })
  }

  /** Has what is required by these names be something else, or missing. */
  function withModules(modules: Readonly<Record<string, unknown>>, act: () => void): void {
    const loader = Module as unknown as { _load: (request: string, ...rest: unknown[]) => unknown }
    const load = loader._load
    loader._load = (request, ...rest) => {
      if (!(request in modules)) return load(request, ...rest)
      if (modules[request] === undefined) throw new Error('Cannot find module')
      return modules[request]
    }
    try {
      act()
    } finally {
      loader._load = load
    }
  }

  it('says what to install where ioredis is missing', () => {
    withModules({ ioredis: undefined, iovalkey: undefined }, () => {
      expect(() => connectRedis('redis://localhost', { onTrouble }))
        .to.throw(CacheError, 'npm install ioredis')
        .with.property('code', 'E_CACHE_OPTION')
    })
  })

  it('takes iovalkey where ioredis is missing', () => {
    withModules({ ioredis: undefined }, () => {
      const client = connectRedis('valkey://127.0.0.1:1', { onTrouble })
      expect(client).to.be.instanceOf(Valkey)
      client.disconnect()
    })
  })

  it('takes ioredis before 5.2.5, which has no other name for its class than that of the module', () => {
    const require = createRequire(import.meta.url)
    withModules({ ioredis: require('ioredis-5-0') }, () => {
      const client = connectRedis('redis://127.0.0.1:1', { onTrouble })
      expect(client).to.be.instanceOf(require('ioredis-5-0'))
      client.disconnect()
    })
  })
})

describe('reconnectDelayMs', () => {
  it('doubles up to half a second, so that nobody who waits for what this process owes misses it', () => {
    expect([1, 2, 3, 4, 5, 6, 100].map((attempt) => reconnectDelayMs(attempt, 1))).to.deep.equal([
      50, 100, 200, 400, 500, 500, 500,
    ])
  })

  it('spreads over half of that, lest all come back at once', () => {
    expect(reconnectDelayMs(8, 0)).to.equal(250)
    expect(reconnectDelayMs(8)).to.be.within(250, 500)
  })
})
