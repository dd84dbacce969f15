import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { expect } from 'chai'
import { type Cache, createCache } from 'express-cacheable'
import type { Redis } from 'ioredis'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js'
import { recordingLogger } from '../support/recording-logger.js'
import { redisForTests } from '../support/redis.js'
import { adminClient } from '../support/redis-admin.js'
import { until } from '../support/until.js'

/** What was sent, and lies between a process and Redis until after what others have done. */
describe('a write into Redis that was held up', () => {
  let url: string
  let proxy: FaultProxy
  let held: Cache
  let other: Cache

  before(async function () {
    url = await redisForTests(this)
  })
  beforeEach(async () => {
    const keyPrefix = `test-${randomBytes(6).toString('hex')}:`
    const port = Number(new URL(url).port)
    proxy = await startFaultProxy({ host: new URL(url).hostname, port })
    held = createCache({ redis: proxy.url, keyPrefix, logger: recordingLogger(), deadlineMs: 5_000 })
    other = createCache({ redis: url, keyPrefix, logger: recordingLogger(), deadlineMs: 5_000 })
    await Promise.all([held.ready(), other.ready()])
    await held.set('row:1', 'before', 60)
  })
  afterEach(async () => {
    await held.close()
    await other.deletePattern('*')
    await other.close()
    await proxy.close()
  })

  /** Sends a write that is held up, loses the connection, and lets the write go on after `meanwhile`. */
  async function hold(write: () => Promise<unknown>, meanwhile: () => Promise<unknown>): Promise<void> {
    const admin = adminClient(Number(new URL(url).port))
    await proxy.fault('blackhole')
    const sent = (held.redis as unknown as { readonly stream: Socket }).stream
    const sentBefore = sent.bytesWritten
    const writing = write()
    await until('the write to be sent', () => sent.bytesWritten > sentBefore && sent.writableLength === 0)
    // What is on the way stays on the way.
    held.redis?.disconnect()
    await writing
    await meanwhile()
    const received = async () => Number(/total_net_input_bytes:(\d+)/.exec(await admin.info('stats'))?.[1])
    const before = await received()
    await proxy.heal()
    await until('what was held up to arrive', async () => (await received()) > before + 1_000)
    admin.disconnect()
  }

  it('does not take the place of a newer one: cache.set', async () => {
    await hold(
      () => held.set('row:1', 'old', 60),
      () => other.set('row:1', 'new', 60),
    )
    expect(await other.get('row:1')).to.equal('new')
  })

  it('does not come back after an eviction by key: cache.set', async () => {
    await hold(
      () => held.set('row:1', 'old', 60),
      () => other.delete('row:1'),
    )
    expect(await other.get('row:1')).to.equal(null)
  })

  it('does not come back after an eviction by glob: cache.set', async () => {
    await hold(
      () => held.set('row:1', 'old', 60),
      () => other.deletePattern('row:*'),
    )
    expect(await other.get('row:1')).to.equal(null)
  })

  it('does not take away what is newer: cache.delete may, and costs a load', async () => {
    await hold(
      () => held.delete('row:1'),
      () => other.set('row:1', 'new', 60),
    )
    expect(await other.get('row:1')).to.be.oneOf(['new', null])
  })

  it('still takes its place where nothing happened meanwhile, or is void', async () => {
    await hold(
      () => held.set('row:1', 'old', 60),
      async () => {},
    )
    // One that has not heard of its write owes an eviction of what was there before, and delivers it once it is connected.
    await (held.redis as Redis | null)?.connect()
    await until('nothing to be owed', () => held.status().owedEvictions === 0)
    expect(await other.get('row:1')).to.be.oneOf(['old', null])
  })
})
