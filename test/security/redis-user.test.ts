import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect } from 'chai'
import { type Cache, createCache } from 'express-cacheable'
import type { Cluster, Redis } from 'ioredis'
import { describeStoreContract } from '../contract/store-contract.js'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { PROJECT_ROOT } from '../support/project-root.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'
import { failuresOf } from './redis-user/operations.js'
import { KEY_PREFIX, oneCluster, oneRedis, type Servers, USER } from './redis-user/servers.js'

/** What ioredis does not tell us: it never becomes ready, or rejects where nobody can catch it. */
const TOLD: Readonly<Record<string, string>> = {
  '+cluster|info': 'Redis is not connected',
  '+asking': "'asking' command",
}

/** The rules behind the user's name, in each line of the page. */
async function rulesInDocs(): Promise<string[][]> {
  const text = await readFile(join(PROJECT_ROOT, 'docs/security.md'), 'utf8')
  return [...text.matchAll(/^ACL SETUSER crm (.+)$/gm)].map(([, rules = '']) => rules.split(' '))
}

describe('a permission that is taken away from a connected user', () => {
  let servers: Servers
  let cache: Cache
  let server: Listening
  const logger = recordingLogger()

  before(async function () {
    servers = await oneRedis(this)
    const [rules = []] = await rulesInDocs()
    await servers.admins[0]?.call('ACL', 'SETUSER', USER.username, ...rules)
    const memory = { maxBytes: 1_000_000, maxAgeMs: 60_000 }
    cache = createCache({
      redis: servers.connect(),
      keyPrefix: KEY_PREFIX,
      deadlineMs: 5_000,
      memory,
      logger,
    })
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 600), (_req, res) => void res.json({}))
    await cache.ready(app)
    server = await listen(app)
  })
  after(async () => {
    const client = cache?.redis as Redis | undefined
    await cache?.close()
    client?.disconnect()
    await server?.close()
    for (const admin of servers?.admins ?? []) admin.disconnect()
    await servers?.stop()
  })

  const ask = async () => (await answerOf(`${server.url}/rows/1`)).xCache
  const change = (rule: string) => servers.admins[0]?.call('ACL', 'SETUSER', USER.username, rule)

  for (const command of ['zadd', 'time', 'evalsha']) {
    it(`ends hits and copies, is named in the log with its mend, and is given back: ${command}`, async () => {
      await until('a hit', async () => (await ask()) === 'HIT')
      await change(`-${command}`)
      await until('hits to end', async () => (await ask()) === 'BYPASS')
      for (let turn = 0; turn < 20; turn += 1) expect(await ask()).to.equal('BYPASS')
      await change(`+${command}`)
      await until('hits again', async () => (await ask()) === 'HIT')
    })
  }

  it('was told of once a minute at most, by name', () => {
    const told = logger.at('warn').filter((line) => line.includes('permit'))
    expect(told).to.have.lengthOf(1)
    expect(told[0]).to.include('does not permit ZADD').and.to.include('Add +zadd to the rules of that user')
  })
})

for (const [nth, where, start] of [
  [0, 'a Redis', oneRedis],
  [1, 'a Redis Cluster', oneCluster],
] as const) {
  describe(`the user that docs/security.md asks for on ${where}`, () => {
    let servers: Servers
    let rules: readonly string[]

    before(async function () {
      servers = await start(this)
      rules = (await rulesInDocs())[nth] ?? []
    })
    after(async () => {
      for (const admin of servers?.admins ?? []) admin.disconnect()
      await servers?.stop()
    })

    const onEach = (act: (admin: Redis) => Promise<unknown>) => Promise.all(servers.admins.map(act))
    const permit = (permitted: readonly string[]) =>
      onEach(async (admin) => {
        await admin.call('ACL', 'DELUSER', USER.username)
        await admin.call('ACL', 'SETUSER', USER.username, ...permitted)
      })
    // A replica follows its master.
    const clear = () => onEach((admin) => admin.flushall().catch(() => null))

    describe('has all that it needs:', () => {
      let client: Redis | Cluster
      before(async () => {
        await permit(rules)
        client = servers.connect()
        await until('a connection', () => client.status === 'ready')
      })
      after(() => client?.disconnect())

      describeStoreContract('a store', async () => {
        const troubles: unknown[] = []
        const store = servers.open(client, (error) => troubles.push(error))
        await store.heartbeat({ heard: 0, rollCall: 'none' })
        return {
          store,
          notifiesWaiters: true,
          eventually: until,
          async end() {
            await store.leave()
            await store.close()
            await clear()
            expect(troubles).to.deep.equal([])
          },
        }
      })
    })

    it('has nothing that it does not need, and what Redis refuses is told with its mend', async function () {
      this.timeout(120_000)
      await permit(rules)
      expect((await failuresOf(servers)).map((error) => inspect(error))).to.deep.equal([])
      const removable = rules.filter((rule) => /^[+~&]/.test(rule))
      expect(removable).not.to.have.lengthOf(0)
      for (const rule of removable) {
        await clear()
        await permit(rules.filter((other) => other !== rule))
        const failures = (await failuresOf(servers)).map((error) => inspect(error))
        expect(failures.join('\n'), `without ${rule}`).to.include(TOLD[rule] ?? rule)
      }
    })
  })
}
