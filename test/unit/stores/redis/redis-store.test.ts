import { install } from '@sinonjs/fake-timers'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import RedisMock from 'ioredis-mock'
import { CacheError } from '#src/errors.js'
import { RedisStore } from '#src/stores/redis/redis-store.js'

const TTL_MS = 60_000
const NO_GRACE = { leaseMs: 60_000, graceMs: 0 }

type Commands = Record<string, (...args: unknown[]) => Promise<unknown>>

/**
 * The simple paths without a server; everything else is in `test/contract`.
 *
 * Of own commands the mock offers no `…Buffer` form and none whose number of keys each call gives; it has no
 * `status`, and no ZLEXCOUNT, so it knows no caps.
 */
function mockedRedis(): Redis {
  const mock = new RedisMock()
  const commands = mock as unknown as Commands
  const define = mock.defineCommand.bind(mock)
  mock.defineCommand = (name, { lua, numberOfKeys }) => {
    if (numberOfKeys !== undefined) define(name, { lua, numberOfKeys })
    else {
      commands[name] = async (keys, ...args) => {
        define(name + keys, { lua, numberOfKeys: keys as number })
        return commands[name + keys]?.(...args)
      }
    }
    commands[`${name}Buffer`] = async (...args) => toBuffers(await commands[name]?.(...args))
  }
  return Object.assign(mock, { status: 'ready', options: {} }) as unknown as Redis
}

function toBuffers(reply: unknown): unknown {
  if (Array.isArray(reply)) return reply.map(toBuffers)
  if (typeof reply === 'string') return Buffer.from(reply)
  return reply === false ? null : reply
}

describe('RedisStore on a mocked Redis', () => {
  let client: Redis
  let store: RedisStore

  beforeEach(() => {
    client = mockedRedis()
    store = new RedisStore({ client, keyPrefix: 'app:', deadlineMs: 5_000, ownsClient: false })
  })
  afterEach(async () => {
    await store.close()
    await client.flushall()
  })

  it('gives a lease, fills with it, and serves', async () => {
    const found = await store.lookup('user:1', NO_GRACE)
    if (found.kind !== 'lease') throw new Error(`no lease but ${found.kind}`)
    expect((await store.lookup('user:1', NO_GRACE)).kind).to.equal('busy')
    expect(await store.fill('user:1', 'made-up', Buffer.from('x'), TTL_MS)).to.equal(false)
    expect(await store.fill('user:1', found.lease, Buffer.from('Ada'), TTL_MS)).to.equal(true)
    expect((await store.lookup('user:1', NO_GRACE)).kind).to.equal('hit')
    expect((await store.get('user:1'))?.value.toString()).to.equal('Ada')
    expect(await client.get('app:user:1')).to.equal('Ada')
  })

  it('evicts by key, pattern and glob', async () => {
    for (const key of ['user:1', 'user:10', 'user:1#en', 'task:1:open', 'task:2:open']) {
      await store.set(key, Buffer.from(key), TTL_MS)
    }
    expect(await store.evict([{ kind: 'key', key: 'user:1' }])).to.equal(2)
    expect(await store.evict([{ kind: 'pattern', pattern: 'task:*:open' }])).to.equal(2)
    expect(await store.evict([{ kind: 'glob', glob: 'us*:1?' }])).to.equal(1)
  })

  it('trusts no page of an index that was lost, though the clock says the same as when it was made', async () => {
    const clock = install({ toFake: ['Date', 'hrtime'] })
    try {
      await store.set('user:1', Buffer.from('old'), TTL_MS)
      await client.del('app:#index')
      await store.set('user:2', Buffer.from('new'), TTL_MS)
      expect(await store.get('user:1')).to.equal(null)
      expect((await store.get('user:2'))?.value.toString()).to.equal('new')
    } finally {
      clock.uninstall()
    }
  })

  it('guards by fences', async () => {
    const fence = await store.fence('user')
    expect(await store.put('user:1', fence, Buffer.from('x'), TTL_MS, 'replace')).to.equal('stored')
    expect(await store.put('user:1', fence, Buffer.from('y'), TTL_MS, 'replace')).to.equal('refused')
    expect(await store.get('user:1')).to.equal(null)
  })

  it('sends nothing while the client is not connected', async () => {
    Object.assign(client, { status: 'reconnecting' })
    const outcome = await store.get('user:1').catch((error: unknown) => error)
    expect(outcome).to.be.instanceOf(CacheError).with.property('code', 'E_CACHE_STORE_UNAVAILABLE')
    expect(store.isAvailable()).to.equal(false)
  })

  it('passes on what went wrong as the cause', async () => {
    const broken = new Error('OOM command not allowed')
    Object.assign(client, { cacheableLookupBuffer: () => Promise.reject(broken) })
    const outcome = await store.get('user:1').catch((error: unknown) => error)
    expect(outcome).to.be.instanceOf(CacheError).with.property('cause', broken)
    expect(store.isAvailable()).to.equal(false)
  })
})
