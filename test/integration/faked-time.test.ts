import { type Clock, install } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { createCache } from 'express-cacheable'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { sendRaw } from '../support/raw-http.js'
import { recordingLogger } from '../support/recording-logger.js'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'

/** All that there is but `nextTick`, without which Node's own streams stand still. */
function fakeTime(): Clock {
  const all = [
    'setTimeout',
    'clearTimeout',
    'setInterval',
    'clearInterval',
    'setImmediate',
    'clearImmediate',
  ] as const
  return install({ toFake: [...all, 'Date', 'hrtime', 'performance', 'queueMicrotask'] })
}

let clock: Clock | undefined

function restoreTime(): void {
  clock?.uninstall()
  clock = undefined
}

onEachStore('a test that has faked time', (makeCache) => {
  const listen = serversOfSuite()
  afterEach(restoreTime)

  it('gets its answers, which are cached and evicted', async () => {
    const { cache } = makeCache()
    let calls = 0
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => {
      calls += 1
      res.json({ call: calls })
    })
    app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => {
      res.write('{', () => res.end('}'))
    })
    await cache.ready(app)
    const url = await listen(app)
    const ask = async (method = 'GET') => {
      const answer = await sendRaw(url, { method, target: '/rows/1' })
      return `${answer.status} ${answer.header('x-cache')}`
    }

    clock = fakeTime()
    expect(await ask()).to.equal('200 MISS')
    expect(await ask()).to.equal('200 HIT')
    expect(await ask('PUT')).to.equal('200 undefined')
    expect(await ask()).to.equal('200 MISS')
    expect(await ask()).to.equal('200 HIT')
    expect(await cache.clear()).to.equal(1)
    expect(await ask()).to.equal('200 MISS')
    expect(calls).to.equal(3)
    expect(await cache.set('row:1', {}, 60)).to.equal(true)
  })
})

describe('a test that has faked time', () => {
  let redis: RedisServer
  before(async function () {
    redis = await ownRedisForTests(this)
  })
  after(() => redis?.stop())
  afterEach(restoreTime)

  it('sees what is in this process expire by its clock', async () => {
    const cache = createCache()
    clock = fakeTime()
    await cache.set('row:1', 1, 60)
    clock.tick(59_999)
    expect(await cache.get('row:1')).to.equal(1)
    clock.tick(1)
    expect(await cache.get('row:1')).to.equal(null)
    await cache.close()
  })

  it('gets its answers within the deadline where Redis is frozen', async () => {
    const cache = createCache({ redis: redis.url, logger: recordingLogger() })
    await cache.ready()
    await redis.freeze()
    try {
      clock = fakeTime()
      expect(await cache.get('row:1')).to.equal(null)
      expect(await cache.wrap('row:1', 60, () => 'loaded')).to.equal('loaded')
    } finally {
      await redis.thaw()
    }
    await cache.close()
  })
})
