import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { type CacheOptions, createCache } from 'express-cacheable'
import { Redis } from 'ioredis'
import { Random } from '../consistency/random.js'
import { MixedLoad } from '../support/mixed-load.js'
import { recordingLogger } from '../support/recording-logger.js'
import { ownRedisForTests, type RedisServer, tlsCertificatesForTests } from '../support/redis.js'
import type { Certificate, TlsCertificates } from '../support/tls-certificates.js'
import { VersionHistory } from '../support/versions.js'
import { WatchedApp } from '../support/watched-app.js'

const REQUESTS = 200

describe('Redis over TLS', () => {
  let certificates: TlsCertificates
  let server: RedisServer | undefined
  let client: Redis | undefined
  let app: WatchedApp | undefined

  before(async function () {
    certificates = await tlsCertificatesForTests(this)
  })
  after(async () => {
    await certificates?.remove()
  })
  afterEach(async () => {
    await app?.close()
    client?.disconnect()
    await server?.stop()
    server = client = app = undefined
  })

  async function serve(context: Mocha.Context, certificate: Certificate): Promise<string> {
    server = await ownRedisForTests(context, { tls: certificate })
    context.timeout(20_000)
    return server.url
  }

  /** A client that trusts our authority, as the caller of `createCache` would make it. */
  async function trustingClient(url: string): Promise<Redis> {
    client = new Redis(url, {
      tls: { ca: await readFile(certificates.ca.certFile) },
      maxRetriesPerRequest: 0,
    })
    return client
  }

  /** Every answer is checked. */
  async function load(redis: CacheOptions['redis']): Promise<WatchedApp> {
    app = new WatchedApp(new VersionHistory(), { redis, deadlineMs: 5_000 })
    await app.start()
    const seed = randomInt(2 ** 31)
    await new MixedLoad([app], seed).run(REQUESTS).catch((cause: Error) => {
      throw new Error(`with seed ${seed}: ${cause.message}`, { cause })
    })
    return app
  }

  function expectOnlyHandlers({ cache, reads, logger }: WatchedApp, reason: RegExp): void {
    expect(cache.stats().bypasses).to.equal(reads)
    const warnings = logger.at('warn')
    expect(warnings).to.have.lengthOf(1)
    expect(warnings[0], warnings[0]).to.match(reason)
  }

  it('serves hits with a certificate that is trusted', async function () {
    const url = await serve(this, certificates.good)
    const { cache, logger } = await load(await trustingClient(url))
    expect(cache.stats().hits).to.be.greaterThan(0)
    expect(cache.stats().bypasses).to.equal(0)
    expect(logger.at('warn')).to.deep.equal([])
  })

  it('answers by the handlers with one that has expired, and says so once', async function () {
    const url = await serve(this, certificates.expired)
    expectOnlyHandlers(await load(await trustingClient(url)), /unavailable.*certificate has expired/)
  })

  it('answers by the handlers with one of an unknown authority, and says so once', async function () {
    const url = await serve(this, certificates.unknownCa)
    expectOnlyHandlers(await load(url), /unavailable.*(self-signed certificate|unable to)/)
  })

  /** Each gives what a cache takes, and ends what is not the cache's. */
  const CLIENTS: Readonly<Record<string, (url: string) => readonly [CacheOptions['redis'], () => void]>> = {
    'a client of the cache': (url) => [url, () => {}],
    'a client of the application': (url) => {
      const given = new Redis(url, { maxRetriesPerRequest: 0 })
      given.on('error', () => {})
      return [given, () => given.disconnect()]
    },
  }

  for (const [name, connect] of Object.entries(CLIENTS)) {
    it(`ends no process by what the server says of a handshake that was given up: ${name}`, async function () {
      const url = await serve(this, certificates.unknownCa)
      const random = new Random(randomInt(2 ** 32))
      // Mocha fails for what nobody hears. Where nobody listened, a quarter of the caches or more had such an error.
      for (let round = 0; round < 10; round++) {
        const connected = Array.from({ length: 20 }, () => connect(url))
        await Promise.all(
          connected.map(async ([redis, end]) => {
            const cache = createCache({ redis, logger: recordingLogger() })
            const turns = random.below(100)
            for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve))
            await cache.close()
            end()
          }),
        )
      }
    })
  }
})
