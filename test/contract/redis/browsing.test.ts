import { expect } from 'chai'
import { describeOnEachClient } from '../../support/redis-clients.js'
import { redisStoreOfSuite } from './redis-store-of-suite.js'

const ENTRIES = 1_000
const MOST_KEYS_OF_A_SCRIPT = 60
const MOST_PAGES_OF_A_SCRIPT = 150

describeOnEachClient('a look at the keys in Redis', (kind) => {
  const redis = redisStoreOfSuite(kind)

  /** How often each command ran meanwhile, of scripts or by itself. */
  const commandsOf = async (act: () => Promise<unknown>): Promise<Map<string, number>> => {
    await redis.client.config('RESETSTAT')
    await act()
    const stats = await redis.client.info('commandstats')
    const counts = [...stats.matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm)]
    return new Map(counts.map(([, command = '', calls]) => [command, Number(calls)]))
  }

  /** Each is sent whole for the first time. */
  const scriptsOf = (commands: ReadonlyMap<string, number>) =>
    (commands.get('eval') ?? 0) + (commands.get('evalsha') ?? 0)

  it('takes many short scripts, and no command that looks at all keys', async () => {
    await redis.writeMany(ENTRIES)
    const { store } = redis
    const browsing = await commandsOf(() => store.browse({ prefix: 'user:', limit: ENTRIES }))
    expect(browsing.get('strlen')).to.equal(ENTRIES)
    expect(scriptsOf(browsing)).to.be.at.least(ENTRIES / MOST_KEYS_OF_A_SCRIPT)
    const counting = await commandsOf(() => store.count('user:'))
    const pages = (await redis.pages()).length
    expect(counting.get('zcard') ?? 0).to.be.at.most(pages)
    expect(pages / scriptsOf(counting)).to.be.at.most(MOST_PAGES_OF_A_SCRIPT)
    for (const commands of [browsing, counting]) {
      for (const command of ['scan', 'keys', 'zscan']) expect(commands.has(command), command).to.equal(false)
    }
  })

  it('leaves out what is not the cache’s, and goes on where pages were lost', async () => {
    const { client, keyPrefix, store } = redis
    await redis.writeMany(300)
    await client.del(`${keyPrefix}user:0000`, `${keyPrefix}user:0001`)
    await client.lpush(`${keyPrefix}user:0000`, 'x')
    await client.set(`${keyPrefix}user:0001`, 'no expiry')
    const [, second = ''] = await redis.pages()
    const lost = await client.zrange(second, '0', '-1')
    await client.del(second)
    const { entries, next } = await store.browse({ prefix: '', limit: ENTRIES })
    expect(entries).to.have.lengthOf(298 - lost.length)
    expect(entries[0]?.key).to.equal('user:0002')
    expect(next).to.equal(null)
    expect(await store.count('user:')).to.equal(300 - lost.length)
  })
})
