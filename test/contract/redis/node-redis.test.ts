import { expect } from 'chai'
import { Redis } from 'ioredis'
import { createClient } from 'redis'
import { createClient as createClient5 } from 'redis-5'
import { handshake } from '#src/stores/redis/redis-scripts.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { LOOPBACK } from '../../support/redis-admin.js'
import { until } from '../../support/until.js'
import { newPrefix } from './redis-store-of-suite.js'

const VALUE = Buffer.alloc(4_000_000, 'x')
const TTL_MS = 60_000

const MAKERS = {
  'node-redis 5': (url: string) => createClient5({ url, RESP: 3 }),
  'node-redis 6': (url: string) => createClient({ url, RESP: 3 }),
}

/** MONITOR escapes what it shows. */
function wordsIn(lua = ''): string[] {
  return lua.replaceAll(/\\[nt]/g, ' ').match(/\w+/g) ?? []
}

for (const [name, make] of Object.entries(MAKERS)) {
  describe(`a client of ${name} with its default settings`, () => {
    let server: RedisServer
    let way: FaultProxy
    let admin: Redis
    let client: ReturnType<typeof make>
    let store: RedisStore
    let trouble: unknown[]
    let monitor: Redis | undefined
    let keyPrefix: string

    before(async function () {
      server = await ownRedisForTests(this)
      admin = new Redis(server.url)
    })
    after(async () => {
      admin?.disconnect()
      await server?.stop()
    })
    beforeEach(async () => {
      way = await startFaultProxy({ host: LOOPBACK, port: server.port })
      // Nobody else listens to its errors, which would end the process.
      client = make(way.url)
      keyPrefix = newPrefix()
      trouble = []
      store = new RedisStore({
        client,
        keyPrefix,
        deadlineMs: 10_000,
        ownsClient: false,
        onTrouble: (error) => trouble.push(error),
      })
      await store.ready()
      await store.set('first', Buffer.from('x'), TTL_MS)
    })
    afterEach(async () => {
      monitor?.disconnect()
      client.destroy()
      await store.close()
      await way.close()
    })

    it('sends nothing on a new connection that it has not sent on the one before, and the handshake first', async () => {
      await way.fault('blackhole')
      // More than a socket takes, so the client keeps some of it.
      const names = Array.from({ length: 12 }, (_, nth) => `large:${nth}`)
      const writing = names.map((key) =>
        store.set(key, VALUE, TTL_MS).then(
          () => 'stored',
          () => 'failed',
        ),
      )
      // Until it has written as much as goes.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
      await way.fault('refuse')
      const seen: string[][] = []
      monitor = await admin.monitor()
      monitor.on('monitor', (_time: string, words: string[]) => seen.push(words))
      await way.heal()
      await until('the next connection', () => store.isAvailable() || client.isReady, { deadlineMs: 10_000 })
      expect(await store.get('first')).to.not.equal(null)
      expect(await Promise.all(writing)).to.deep.equal(names.map(() => 'failed'))
      expect(await admin.exists(...names.map((key) => keyPrefix + key))).to.equal(0)
      const scripts = seen.filter(([command = '']) => /^eval/i.test(command))
      expect(wordsIn(scripts[0]?.[1])).to.deep.equal(wordsIn(handshake.lua))
    })

    it('ends no process when its connection breaks, and tells of it', async () => {
      await way.fault('refuse')
      await until('word of it', () => trouble.length > 0)
      await way.heal()
      await until('the next connection', () => client.isReady, { deadlineMs: 10_000 })
      expect((await store.get('first'))?.value.toString()).to.equal('x')
    })
  })
}
