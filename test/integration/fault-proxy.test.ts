import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js'
import { ownRedisForTests, type RedisServer } from '../support/redis.js'
import { LOOPBACK } from '../support/redis-admin.js'
import { until } from '../support/until.js'

const NO_SECOND_TRY = {
  lazyConnect: true,
  enableReadyCheck: false,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
}

describe('the fault proxy', () => {
  let server: RedisServer
  let proxy: FaultProxy
  const clients: Redis[] = []

  before(async function () {
    server = await ownRedisForTests(this)
  })
  after(async () => {
    await server?.stop()
  })

  beforeEach(async () => {
    proxy = await startFaultProxy({ host: LOOPBACK, port: server.port })
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.disconnect()
    await proxy.close()
  })

  /** Whoever is cut off emits it as well; a test reads it from the command that was under way. */
  function client(): Redis {
    const made = new Redis(proxy.port, LOOPBACK, NO_SECOND_TRY).on('error', () => {})
    clients.push(made)
    return made
  }

  async function connected(): Promise<Redis> {
    const made = client()
    await made.connect()
    return made
  }

  const errorOf = (asking: Promise<unknown>): Promise<string> =>
    asking.then(
      (answer) => `no error, but ${answer}`,
      (error: Error) => error.message,
    )

  /** Time enough for an answer, if there were one. */
  const meanwhile = (asking: Promise<unknown>): Promise<unknown> =>
    Promise.race([asking, sleep(100, 'silence')])

  it('passes everything while nothing is wrong, and counts who is connected', async () => {
    const [one, other] = [await connected(), await connected()]
    const large = Buffer.alloc(3_000_000, 'abc')
    await one.set('large', large)
    expect((await other.getBuffer('large'))?.equals(large)).to.equal(true)
    expect(proxy.connections()).to.equal(2)
    one.disconnect()
    await until('the proxy to notice', () => proxy.connections() === 1)
  })

  it('refuses, and listens on the same port again', async () => {
    const before = await connected()
    const closed = new Promise((resolve) => before.once('close', resolve))
    await proxy.fault('refuse')
    await closed
    expect(proxy.connections()).to.equal(0)
    expect(await errorOf(client().connect())).to.match(/closed|ECONNREFUSED/)
    await proxy.heal()
    expect(await (await connected()).ping()).to.equal('PONG')
  })

  it('is a black hole for old and new connections, and passes on what was held back', async () => {
    const before = await connected()
    await proxy.fault('blackhole')
    const ping = before.ping()
    const during = client()
    const second = during.connect().then(() => during.ping())
    await until('the new one to be accepted', () => proxy.connections() === 2)
    expect(await meanwhile(Promise.race([ping, second]))).to.equal('silence')
    await proxy.heal()
    expect(await Promise.all([ping, second])).to.deep.equal(['PONG', 'PONG'])
  })

  it('delays replies, in their order, and ends the delay when healed', async () => {
    const redis = await connected()
    await proxy.fault({ delayMs: 60_000 })
    const answered: string[] = []
    const echoes = ['1', '2', '3'].map((text) => redis.echo(text).then((echo) => answered.push(echo)))
    await until('Redis to have replied', async () => (await replies()) >= 3)
    expect(answered).to.deep.equal([])
    await proxy.fault({ delayMs: 50 })
    await Promise.all([...echoes, redis.echo('4').then((echo) => answered.push(echo))])
    expect(answered).to.deep.equal(['1', '2', '3', '4'])
    const startedAt = performance.now()
    await redis.ping()
    expect(performance.now() - startedAt).to.be.at.least(45)
  })

  /** How many ECHO commands the server has answered. */
  async function replies(): Promise<number> {
    const direct = new Redis(server.url)
    try {
      return Number(/cmdstat_echo:calls=(\d+)/.exec(await direct.info('commandstats'))?.[1] ?? 0)
    } finally {
      direct.disconnect()
    }
  }

  it('resets in the middle of a reply', async () => {
    const redis = await connected()
    await redis.set('text', 'x'.repeat(1_000))
    await proxy.fault('reset-mid-reply')
    let received = 0
    redis.stream.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    const errors: string[] = []
    redis.stream.on('error', ({ message }) => errors.push(message))
    expect(await errorOf(redis.get('text'))).to.match(/closed|ECONNRESET/)
    expect(received).to.be.within(500, 510)
    expect(errors.join()).to.match(/ECONNRESET/)
    await proxy.heal()
    expect(await (await connected()).strlen('text')).to.equal(1_000)
  })

  it('turns replies into garbage', async () => {
    const redis = await connected()
    await proxy.fault('garbage')
    expect(await errorOf(redis.ping())).to.match(/Unknown RESP type/)
    await proxy.heal()
    expect(await (await connected()).ping()).to.equal('PONG')
  })
})
