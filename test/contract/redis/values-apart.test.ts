import { expect } from 'chai'
import type { Redis } from 'ioredis'
import type { RedisClient } from '#src/clients/redis-client.js'
import type { RedisStore } from '#src/stores/redis/redis-store.js'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { NO_GRACE, redisStoreOfSuite, TTL_MS } from './redis-store-of-suite.js'

const LARGE = 50_000

describeOnEachClient('RedisStore, once values are large', (kind) => {
  const redis = redisStoreOfSuite(kind)
  const { write, leaseOn } = redis
  let client: Redis
  let keyPrefix: string
  let store: RedisStore
  /** How often the bytes have been asked for by a command of their own. */
  let asked: number
  /** Done ahead of that, where the script has its place already. @returns What is to be the reply, if anything. */
  let between: () => Promise<unknown>

  beforeEach(async () => {
    ;({ client, keyPrefix } = redis)
    between = async () => undefined
    store = redis.storeOn(watched(redis.tested))
    await write('large', ''.padEnd(LARGE))
    await store.get('large')
    asked = 0
  })
  afterEach(() => store.close())

  it('says of each key what there is', async () => {
    const held = await leaseOn('held')
    for (const key of ['stale', 'list']) await store.fill(key, await leaseOn(key), Buffer.from('old'), TTL_MS)
    await client
      .multi()
      .del(`${keyPrefix}list`)
      .rpush(`${keyPrefix}list`, 'x')
      .pexpire(`${keyPrefix}list`, TTL_MS)
      .exec()
    await store.fill('tagged', await leaseOn('tagged'), Buffer.from('new'), TTL_MS, ['a', 'b'])
    await store.fill('bare', await leaseOn('bare'), Buffer.from('new'), TTL_MS)
    const [large, stale, list, busy, tagged, bare, none] = await Promise.all([
      store.lookup('large', NO_GRACE),
      store.lookup('stale', { ...NO_GRACE, graceMs: 2 * TTL_MS }),
      store.lookup('list', NO_GRACE),
      store.lookup('held', NO_GRACE),
      store.lookup('tagged', { ...NO_GRACE, needsTags: true }),
      store.lookup('bare', { ...NO_GRACE, needsTags: true }),
      store.get('none'),
    ])
    expect(asked).to.equal(1)
    if (large.kind !== 'hit' || tagged.kind !== 'hit') throw new Error(`${large.kind}, ${tagged.kind}`)
    expect([large.value.length, String(tagged.value), tagged.tags]).to.deep.equal([LARGE, 'new', ['a', 'b']])
    expect(large.remainingMs).to.be.within(1, TTL_MS)
    expect(stale).to.have.property('kind', 'lease')
    expect(String((stale as { stale: { value: Buffer } }).stale.value)).to.equal('old')
    expect(list).to.deep.equal({ kind: 'foreign', type: 'list' })
    expect(busy).to.deep.equal({ kind: 'busy', lease: held, stale: null })
    expect(bare).to.have.property('kind', 'lease')
    expect(none).to.equal(null)
  })

  const long = 'ü😀\0'.repeat(1_000)
  const bytes = {
    text: Buffer.from(long),
    'text with a mark of byte order': Buffer.from(`\ufeff${long}`),
    'no text': Buffer.from(long, 'utf16le').fill(0xff, 9, 12),
  }
  for (const [name, value] of Object.entries(bytes)) {
    it(`gives back what was stored, byte by byte: ${name}`, async () => {
      await store.fill(name, await leaseOn(name), value, TTL_MS)
      expect((await store.get(name))?.value.equals(value)).to.equal(true)
    })
  }

  it('looks again where the bytes have gone in between', async () => {
    between = async () => void (await redis.store.evict([{ kind: 'key', key: 'large' }]))
    expect(await store.lookup('large', NO_GRACE)).to.have.property('kind', 'lease')
    expect(asked).to.equal(1)
  })

  it('gives what is newer where a value has taken the place of another in between', async () => {
    between = async () => void (await write('large', 'new'))
    const found = await store.lookup('large', NO_GRACE)
    expect(found.kind === 'hit' && String(found.value)).to.equal('new')
  })

  it('takes no bytes that came ahead of the script, where Redis has forgotten that', async () => {
    await client.script('FLUSH')
    between = async () => [Buffer.from('of before')]
    const found = await store.lookup('large', NO_GRACE)
    expect(found.kind === 'hit' && found.value.length).to.equal(LARGE)
  })

  it('takes them with the rest where Redis does not give them by themselves', async () => {
    between = () => Promise.reject(Object.assign(new Error('NOPERM no MGET'), { name: 'ReplyError' }))
    const found = await store.lookup('large', NO_GRACE)
    expect(found.kind === 'hit' && found.value.length).to.equal(LARGE)
  })

  function watched(on: RedisClient): RedisClient {
    return new Proxy(on, {
      get(target, name) {
        const member = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => {
          const isMget = name === 'mgetBuffer' || (name === 'sendCommand' && [args].flat(2).includes('MGET'))
          if (!isMget) return Reflect.apply(member, target, args)
          asked += 1
          return between().then((reply) => reply ?? Reflect.apply(member, target, args))
        }
      },
    })
  }
})
