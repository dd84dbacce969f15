import { expect } from 'chai'
import { type Cache, type CacheEvent, type CacheOptions, createCache } from 'express-cacheable'
import { Cluster, type Redis } from 'ioredis'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { ownClusterForTests, ownRedisForTests } from '../support/redis.js'
import { adminClient } from '../support/redis-admin.js'
import { until } from '../support/until.js'

const KEY_PREFIX = 'crm:'

/** Servers of the test's own, and what a cache of each process is opened with. */
interface Servers {
  readonly admins: readonly Redis[]
  readonly members: string
  readonly options: () => CacheOptions
  stop(): Promise<void>
}

async function oneRedis(context: Mocha.Context): Promise<Servers> {
  const { url, port, stop } = await ownRedisForTests(context)
  const memory = { maxBytes: 1_000_000, maxAgeMs: 60_000 }
  return { admins: [adminClient(port)], members: '#members', options: () => ({ redis: url, memory }), stop }
}

async function oneCluster(context: Mocha.Context): Promise<Servers> {
  const cluster = await ownClusterForTests(context)
  const clients: Cluster[] = []
  return {
    admins: cluster.nodes.map(({ port }) => adminClient(port)),
    members: '#{0}members',
    options() {
      const client = new Cluster([...cluster.nodes])
      client.on('error', () => {})
      clients.push(client)
      return { redis: client }
    },
    async stop() {
      for (const client of clients) client.disconnect()
      await cluster.stop()
    },
  }
}

for (const [where, start] of [
  ['a Redis', oneRedis],
  ['a Redis Cluster', oneCluster],
] as const) {
  describe(`${where} that is out of memory`, () => {
    let servers: Servers
    const open: { cache: Cache; server: Listening }[] = []
    let version: number

    before(async function () {
      servers = await start(this)
    })
    beforeEach(() => {
      version = 1
    })
    afterEach(async () => {
      await onEach((admin) => admin.config('SET', 'maxmemory', '0'))
      for (const { cache, server } of open.splice(0)) {
        await cache.close()
        await server.close()
      }
    })
    after(async () => {
      for (const admin of servers?.admins ?? []) admin.disconnect()
      await servers?.stop()
    })

    const onEach = <T>(act: (admin: Redis) => Promise<T>) => Promise.all(servers.admins.map(act))
    const fill = () => onEach((admin) => admin.config('SET', 'maxmemory', '1'))

    /** What stands for a process: a cache and an application of its own. */
    async function openProcess() {
      const cache = createCache({
        ...servers.options(),
        keyPrefix: KEY_PREFIX,
        deadlineMs: 5_000,
        logger: recordingLogger(),
      })
      const events: CacheEvent[] = []
      cache.observe((event) => events.push(event))
      const app = quietExpress()
      app.get('/rows/:id', cache.cacheable('row:{id}', 600), (_req, res) => void res.json({ version }))
      await cache.ready(app)
      const server = await listen(app)
      open.push({ cache, server })
      const ask = async (id = 1) => {
        const { text, xCache } = await answerOf(`${server.url}/rows/${id}`)
        return `${xCache} ${JSON.parse(text).version}`
      }
      return { cache, events, ask }
    }

    /** When each of the processes was last heard of, by the clock of Redis. */
    async function heardAt(): Promise<number[]> {
      const replies = await onEach((admin) =>
        admin.zrange(KEY_PREFIX + servers.members, '0', '-1', 'WITHSCORES').catch(() => [] as string[]),
      )
      const reply = replies.find(({ length }) => length > 0) ?? []
      return reply.filter((_, nth) => nth % 2 === 1).map(Number)
    }

    it('still hears of all processes, which serve on and see each other’s evictions', async () => {
      const [writer, reader] = [await openProcess(), await openProcess()]
      for (const id of [1, 2]) await until('a hit', async () => (await reader.ask(id)) === 'HIT 1')
      await writer.ask()
      await fill()
      const filledAt = Math.max(...(await heardAt()))
      await until('words of both', async () => {
        expect(await reader.ask(2)).to.equal('HIT 1')
        const heard = await heardAt()
        return heard.length === 2 && heard.every((at) => at > filledAt)
      })
      version = 2
      await writer.cache.delete('row:1')
      expect(await reader.ask()).to.match(/^(MISS|BYPASS) 2$/)
      expect(await reader.ask(2)).to.equal('HIT 1')
    })

    it('is connected to again, and used again by itself', async () => {
      const { ask } = await openProcess()
      await until('a hit', async () => (await ask()) === 'HIT 1')
      await fill()
      await onEach((admin) => admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'))
      await until('a hit over the new connection', async () => (await ask()) === 'HIT 1')
      version = 2
      expect(await ask(3)).to.match(/^(MISS|BYPASS) 2$/)
      await onEach((admin) => admin.config('SET', 'maxmemory', '0'))
      await until('something to be stored', async () => (await ask(3)) === 'HIT 2')
    })
  })
}
