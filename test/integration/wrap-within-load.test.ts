import { expect } from 'chai'
import { answerOf } from '../support/answer-of.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStoreAndCluster } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { until } from '../support/until.js'

onEachStoreAndCluster('a wrapped value within a load', (makeCache) => {
  async function readyCache() {
    const observed = makeCache()
    await observed.cache.ready()
    const told = (...types: string[]) =>
      observed.events.map(({ type }) => type).filter((type) => types.includes(type))
    return { ...observed, told, stored: (count = 1) => until('the fill', () => told('fill').length >= count) }
  }

  const listen = serversOfSuite()

  /** A page that is made of a wrapped value, which is made of another. */
  async function page() {
    const test = await readyCache()
    const { cache } = test
    const rows = new Map([['price', 1]])
    const price = () => cache.wrap('price', 60, async () => rows.get('price') ?? 0, { tags: ['row:price'] })
    const offer = () => cache.wrap('offer', 60, async () => ({ price: await price() }), { tags: ['offer'] })
    const app = quietExpress()
    app.get('/page', cache.cacheable('page', 60), async (_req, res) => {
      res.json({ offer: await offer() })
    })
    const url = await listen(app)
    const read = async () => JSON.parse((await answerOf(`${url}/page`)).text).offer.price
    return { ...test, rows, price, offer, read }
  }

  it('gives its tags to what is made of it, when it was loaded for that', async () => {
    const { cache, rows, read, stored } = await page()
    expect(await read()).to.equal(1)
    await stored(3)
    rows.set('price', 2)
    expect(await cache.deleteTags('row:price')).to.equal(3)
    expect(await read()).to.equal(2)
  })

  it('gives its tags to what is made of it, when it was a hit', async () => {
    const { cache, rows, price, offer, read, stored } = await page()
    await price()
    await stored(1)
    await offer()
    await stored(2)
    expect(await read()).to.equal(1)
    await stored(3)
    expect(cache.stats().hits).to.equal(2)
    rows.set('price', 2)
    expect(await cache.deleteTags('row:price')).to.equal(3)
    expect(await read()).to.equal(2)
  })

  it('gives its tags to what is made of it, when another had begun to load it', async () => {
    const { cache, rows, stored } = await page()
    const loading = gate()
    const slow = () =>
      cache.wrap(
        'slow',
        60,
        async () => {
          const read = rows.get('price')
          await loading.wait
          return read ?? 0
        },
        { tags: ['row:price'] },
      )
    const first = slow()
    await cache.get('nothing')
    const outer = cache.wrap('outer', 60, slow)
    await cache.get('nothing')
    loading.open()
    expect([await first, await outer]).to.deep.equal([1, 1])
    await stored(2)
    expect(await cache.deleteTags('row:price')).to.equal(2)
  })

  it('is not stored in what is made of it, if a tag of it was evicted meanwhile', async () => {
    const { cache, price, told, stored } = await page()
    await price()
    await stored(1)
    const [loading, begun] = [gate(), gate()]
    const outer = cache.wrap('outer', 60, async () => {
      const read = await price()
      begun.open()
      await loading.wait
      return read
    })
    await begun.wait
    await cache.deleteTags('row:price')
    loading.open()
    await outer
    await until('the end', () => told('fill-refused').length > 0)
    expect(await cache.get('outer')).to.equal(null)
  })

  it('keeps what is made of it from being stored, if it cannot have its tags', async () => {
    const { cache, told } = await page()
    const inner = () => cache.wrap('inner', 60, async () => ({}), { tags: ['row:{result.id}'] })
    await cache.wrap('outer', 60, inner)
    expect(told('not-stored')).to.have.lengthOf(2)
    expect(await cache.get('outer')).to.equal(null)
  })
})
