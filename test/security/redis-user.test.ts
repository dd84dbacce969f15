import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { expect } from 'chai'
import type { Cluster, Redis } from 'ioredis'
import { describeStoreContract } from '../contract/store-contract.js'
import { PROJECT_ROOT } from '../support/project-root.js'
import { until } from '../support/until.js'
import { failuresOf } from './redis-user/operations.js'
import { oneCluster, oneRedis, type Servers, USER } from './redis-user/servers.js'

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
