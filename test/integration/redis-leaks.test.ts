import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js'
import { retainedBytes } from '../support/heap.js'
import { MixedLoad } from '../support/mixed-load.js'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { LOOPBACK } from '../support/redis-admin.js'
import { until } from '../support/until.js'
import { VersionHistory } from '../support/versions.js'
import { WatchedApp } from '../support/watched-app.js'

const REQUESTS = 500
const REQUESTS_BETWEEN = 100
/** Until code is compiled and buffers have their size. */
const WARM_UP = 4
const OUTAGES = 6
/** What one measurement differs from the next without any outage is up to 150 kB. */
const MOST_GROWN_BYTES = 500_000
/** What leaks is kept of each series of outages. What V8 compiles or makes room for in the middle of one is not. */
const SERIES = 3

describe('outages of Redis, one after the other', () => {
  let redis: RedisServer
  let proxy: FaultProxy
  let app: WatchedApp

  before(async function () {
    redis = await ownRedisForTests(this)
  })
  after(async () => {
    await redis?.stop()
  })
  beforeEach(async () => {
    proxy = await startFaultProxy({ host: LOOPBACK, port: redis.port })
    app = new WatchedApp(new VersionHistory(), { redis: proxy.url })
    await app.start()
  })
  afterEach(async () => {
    await app.close()
    await proxy.close()
  })

  for (const fault of ['refuse', 'blackhole', 'garbage'] as const) {
    it(`leave neither memory nor sockets behind: ${fault}`, async () => {
      const seed = randomInt(2 ** 31)
      const load = new MixedLoad([app], seed)
      const outages = async (count: number) => {
        for (let nth = 0; nth < count; nth++) {
          await proxy.fault(fault)
          await load.run(REQUESTS)
          await proxy.heal()
          await until('the way back', isWell)
          await load.run(REQUESTS_BETWEEN)
        }
        return { bytes: await retainedBytes(), sockets: openSockets() }
      }
      let before = await outages(WARM_UP)
      const grownBytes: number[] = []
      for (let nth = 0; nth < SERIES && Math.min(...grownBytes) >= MOST_GROWN_BYTES; nth++) {
        const after = await outages(OUTAGES)
        expect(after.sockets, `sockets, with seed ${seed}`).to.be.at.most(before.sockets)
        grownBytes.push(after.bytes - before.bytes)
        before = after
      }
      const kept = `bytes kept of each series (${grownBytes.join(', ')}), with seed ${seed}`
      expect(Math.min(...grownBytes), kept).to.be.lessThan(MOST_GROWN_BYTES)
    }).timeout(240_000)
  }

  function isWell(): boolean {
    const { available, circuit, owedEvictions } = app.cache.status()
    return available && circuit === 'closed' && owedEvictions === 0
  }
})

function openSockets(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
}
