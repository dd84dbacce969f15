import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { RedisStore } from '#src/stores/redis/redis-store.js'
import type { RollCall } from '#src/stores/store.js'
import { ownRedisForTests, type RedisServer } from '../../support/redis.js'
import { adminClient } from '../../support/redis-admin.js'
import { until } from '../../support/until.js'

const LOOKUP = { leaseMs: 10_000, graceMs: 0 }

describe('RedisStores of many processes', () => {
  let server: RedisServer
  let admin: Redis
  const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
  const fleet: { readonly store: RedisStore; readonly client: Redis; readonly messages: string[] }[] = []

  before(async function () {
    server = await ownRedisForTests(this)
    admin = adminClient(server.port)
    for (let nth = 0; nth < 12; nth += 1) {
      const client = new Redis(server.url)
      const messages: string[] = []
      client.on('message', (channel: string) =>
        messages.push(channel.slice(keyPrefix.length).split(':')[0] ?? ''),
      )
      const store = new RedisStore({ client, keyPrefix, deadlineMs: 5_000, ownsClient: false })
      fleet.push({ store, client, messages })
      await store.ready()
      await store.heartbeat({ heard: 0, rollCall: 'none' })
    }
    await until('subscriptions', async () => {
      const [, count] = (await admin.call('PUBSUB', 'NUMSUB', `${keyPrefix}#roll-calls`)) as [string, number]
      return count === fleet.length
    })
  })
  after(async () => {
    await Promise.all(fleet.map(({ store }) => store.close()))
    for (const { client } of fleet) client.disconnect()
    admin.disconnect()
    await server.stop()
  })

  /** How many messages of a kind each process has got, behind whatever was published before. */
  async function received(kind: string): Promise<number[]> {
    await Promise.all(fleet.map(({ client }) => client.echo('')))
    return fleet.map(({ messages }) => messages.filter((message) => message === kind).length)
  }
  const stores = () => fleet.map(({ store }) => store)
  const calls = async (command: string) => {
    const text = await admin.info('commandstats')
    return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(text)?.[1] ?? 0)
  }

  it('tells the end of a lease to those who wait for it, and to nobody else', async () => {
    const [leader, waiter, another] = stores() as [RedisStore, RedisStore, RedisStore]
    const held = await leader.lookup('user:1', LOOKUP)
    if (held.kind !== 'lease') throw new Error(`found ${held.kind}`)
    // Twice by one of them, which is one process all the same.
    for (const store of [waiter, waiter, another]) {
      expect(await store.lookup('user:1', LOOKUP)).to.deep.include({ kind: 'busy', lease: held.lease })
    }
    const waiting = [waiter, another].map((store) => store.waitForLease('user:1', held.lease, 10_000))
    expect(await leader.fill('user:1', held.lease, Buffer.from('1'), 60_000)).to.equal(true)
    expect(await Promise.all(waiting)).to.deep.equal(['ended', 'ended'])
    expect(await received('#leases')).to.deep.equal(fleet.map((_, nth) => (nth === 1 || nth === 2 ? 1 : 0)))
  })

  it('share a roll call where all call at once, and look at one another no more than they must', async () => {
    // As many as that pause for half a second between two calls.
    const others = Array.from({ length: 1_000 }, (_, nth) => `other-${nth}`)
    await admin.zadd(`${keyPrefix}#members`, ...others.flatMap((id) => [Date.now(), id]))
    const wanting = stores().map((store) => store.heartbeat({ heard: 0, rollCall: 'begin' }))
    const wanted = (await Promise.all(wanting)).map(({ rollCall }) => rollCall as RollCall)
    const first = Math.min(...wanted.map(({ number }) => number))
    expect(wanted.map(({ number }) => number - first).sort()).to.deep.equal([0, ...Array(11).fill(1)])
    expect(await received('#roll-calls')).to.deep.equal(Array(12).fill(1))
    await admin.zrem(`${keyPrefix}#members`, ...others)

    const lookAll = (heard: number) =>
      stores().map((store, nth) => store.heartbeat({ heard, rollCall: wanted[nth] as RollCall }))
    const missingIn = async (heard: number) =>
      (await Promise.all(lookAll(heard))).map(({ missing }) => missing > 0)
    // The pause is over, and the next one begins by the first who looks.
    await admin.hset(`${keyPrefix}#calls`, Buffer.from('\xffbegun', 'latin1'), 0)
    await missingIn(first)
    expect(await received('#roll-calls')).to.deep.equal(Array(12).fill(2))
    await missingIn(first + 1)
    expect(await missingIn(first + 1)).to.deep.equal(Array(12).fill(false))
    const looked = await calls('zrange')
    expect(await missingIn(first + 1)).to.deep.equal(Array(12).fill(false))
    expect((await calls('zrange')) - looked).to.equal(0)
  })
})
