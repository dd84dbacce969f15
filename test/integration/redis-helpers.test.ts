import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { Redis } from 'ioredis'
import {
  cacheDel,
  cacheDelPattern,
  cacheGet,
  cacheSet,
  disconnectRedis,
  getRedis,
  initRedis,
} from '#src/redis-helpers.js'
import { startProcess } from '../support/child-process.js'
import { freePort } from '../support/free-port.js'
import { PROJECT_ROOT } from '../support/project-root.js'
import { ownRedisForTests, redisForTests } from '../support/redis.js'
import { until } from '../support/until.js'

describe('the Redis helpers on Redis', () => {
  const { REDIS_URL } = process.env
  const prefix = `helpers-${randomUUID()}`
  const key = (name: string) => `${prefix}:${name}`
  let url: string
  let plain: Redis

  before(async function () {
    url = await redisForTests(this)
    plain = new Redis(url)
  })

  beforeEach(() => {
    process.env.REDIS_URL = url
  })

  afterEach(async () => {
    await disconnectRedis()
    if (REDIS_URL === undefined) delete process.env.REDIS_URL
    else process.env.REDIS_URL = REDIS_URL
  })

  after(async () => {
    if (!plain) return
    const left = await plain.keys(`${prefix}*`)
    if (left.length > 0) await plain.del(left)
    plain.disconnect()
  })

  it('connect once, to a client that answers', async () => {
    const client = await initRedis()
    expect(await client?.ping()).to.equal('PONG')
    expect(getRedis()).to.equal(client)
    expect(await initRedis()).to.equal(client)
    await disconnectRedis()
    expect(getRedis()).to.equal(null)
    await until('the connection to end', () => client?.status === 'end')
  })

  it('store JSON text under exactly the key, for so long', async () => {
    await initRedis()
    expect(await cacheSet(key('user:1'), { id: 1, name: 'Ännchen' }, 60)).to.equal(true)
    expect(await plain.get(key('user:1'))).to.equal('{"id":1,"name":"Ännchen"}')
    expect(await plain.pttl(key('user:1'))).to.be.within(50_000, 60_000)
    expect(await cacheGet(key('user:1'))).to.deep.equal({ id: 1, name: 'Ännchen' })

    await cacheSet(key('user:2'), null)
    expect(await plain.pttl(key('user:2'))).to.be.within(290_000, 300_000)
  })

  it('read the value that others put in the place of one, and take garbage for a miss', async () => {
    await initRedis()
    for (const name of ['replaced', 'garbage', 'list']) await cacheSet(key(name), 'before', 60)
    await plain.set(key('replaced'), '[1,2]', 'EX', 60)
    await plain.set(key('garbage'), Buffer.from([0xff, 0x00, 0x80]), 'EX', 60)
    await plain.del(key('list'))
    await plain.rpush(key('list'), 'a')
    expect(await cacheGet(key('replaced'))).to.deep.equal([1, 2])
    expect(await cacheGet(key('garbage'))).to.equal(null)
    expect(await cacheGet(key('list'))).to.equal(null)
    expect(await cacheGet(key('nothing'))).to.equal(null)
  })

  it('remove one key, and say whether it was there', async () => {
    await initRedis()
    await cacheSet(key('user:1'), 1)
    await cacheSet(key('user:10'), 10)
    expect(await cacheDel(key('user:1'))).to.equal(true)
    expect(await cacheDel(key('user:1'))).to.equal(false)
    expect(await plain.exists(key('user:1'))).to.equal(0)
    expect(await cacheGet(key('user:10'))).to.equal(10)
  })

  it('remove what a glob matches, and say how many that were', async () => {
    await initRedis()
    for (const name of ['a:1', 'a:2', 'a:33', 'b:1']) await cacheSet(key(name), name)
    expect(await cacheDelPattern(key('a:?'))).to.equal(2)
    expect(await cacheGet(key('a:33'))).to.equal('a:33')
    expect(await cacheDelPattern(key('[ab]:*'))).to.equal(2)
    expect(await cacheDelPattern(key('*:nothing'))).to.equal(0)
  })

  async function expectNothing(): Promise<void> {
    expect(getRedis()).to.equal(null)
    expect(await cacheSet(key('user:1'), 1, 60)).to.equal(false)
    expect(await cacheGet(key('user:1'))).to.equal(null)
    expect(await cacheDel(key('user:1'))).to.equal(false)
    expect(await cacheDelPattern(key('*'))).to.equal(0)
  }

  it('answer that there is nothing when Redis cannot be reached', async () => {
    process.env.REDIS_URL = `redis://127.0.0.1:${await freePort()}`
    expect(await initRedis()).to.equal(null)
    await expectNothing()
  })

  it('answer that there is nothing when Redis goes away', async function () {
    const server = await ownRedisForTests(this)
    process.env.REDIS_URL = server.url
    try {
      expect(await initRedis()).not.to.equal(null)
      expect(await cacheSet(key('user:1'), 1, 60)).to.equal(true)
    } finally {
      await server.stop()
    }
    await until('the connection to break', () => getRedis() === null)
    await expectNothing()
  })

  describe('in a process of their own', () => {
    const run = async (redisUrl: string, script: string): Promise<string> => {
      const imports = `import { cacheGet, cacheSet, disconnectRedis, initRedis } from 'express-cacheable/redis'`
      const child = await startProcess(
        process.execPath,
        ['--input-type=module', '--eval', `${imports}\n${script}`],
        { cwd: PROJECT_ROOT, env: { ...process.env, REDIS_URL: redisUrl } },
      )
      try {
        await until('the process to end', () => child.exitCode() !== undefined)
        expect(child.exitCode(), child.output()).to.equal(0)
        return child.output().trim()
      } finally {
        await child.stop()
      }
    }

    it('let it end by itself after disconnectRedis', async () => {
      const output = await run(
        url,
        // On a busy machine Redis may take longer than the helpers wait for it.
        `await initRedis()
        while (!(await cacheSet('${key('child')}', [1], 60)));
        let found
        while (!(found = await cacheGet('${key('child')}')));
        console.log(JSON.stringify(found))
        await disconnectRedis()`,
      )
      // On a busy machine it may say besides that Redis did not answer in time.
      expect(output).to.match(/^\[1\]$/m)
    })

    it('let it end by itself after disconnectRedis also when Redis was never there', async () => {
      const output = await run(
        `redis://127.0.0.1:${await freePort()}`,
        `console.log(await initRedis())
        await disconnectRedis()`,
      )
      expect(output).to.match(/^null$/m)
    })

    it('let it end by itself without Redis, with nothing to disconnect', async () => {
      expect(await run('', 'console.log(await initRedis())')).to.equal('null')
    })
  })
})
