import { expect } from 'chai'
import { Cacheable, CacheConfig, CacheEvict, CachePut, type WrapOptions } from 'express-cacheable'
import { gate } from '../support/gate.js'
import { onEachStore } from '../support/on-each-store.js'
import { until } from '../support/until.js'
import { rejection, thrown } from '../unit/thrown.js'

onEachStore('cache.wrap', (makeCache) => {
  async function readyCache() {
    const observed = makeCache()
    await observed.cache.ready()
    const told = (...types: string[]) =>
      observed.events.map(({ type }) => type).filter((type) => types.includes(type))
    return { ...observed, told, stored: (count = 1) => until('the fill', () => told('fill').length >= count) }
  }

  it('loads once, and gives the same value from then on', async () => {
    const { cache, told, stored } = await readyCache()
    let loads = 0
    const rates = () =>
      cache.wrap('rates:eur', 60, async () => {
        loads += 1
        return { usd: 1.1, of: [null, 'a', true], none: undefined }
      })
    expect(await rates()).to.deep.equal({ usd: 1.1, of: [null, 'a', true], none: undefined })
    await stored()
    expect(await rates()).to.deep.equal({ usd: 1.1, of: [null, 'a', true] })
    expect(loads).to.equal(1)
    expect(told('hit', 'miss', 'bypass')).to.deep.equal(['miss', 'hit'])
    expect(cache.stats().rules).to.deep.equal([
      { where: 'cache.wrap', key: 'rates', hits: 1, misses: 1, bypasses: 0 },
    ])
    expect(await cache.get('rates:eur')).to.deep.equal({ usd: 1.1, of: [null, 'a', true] })
    expect(await cache.delete('rates:eur')).to.equal(true)
    await rates()
    expect(loads).to.equal(2)
  })

  it('loads once for all who ask at the same time', async () => {
    const { cache, told } = await readyCache()
    const loading = gate()
    let loads = 0
    const ask = () =>
      cache.wrap('a', 60, async () => {
        loads += 1
        await loading.wait
        return loads
      })
    const all = Promise.all(Array.from({ length: 20 }, ask))
    // The first turn asks the store, and in the second all have heard of the load.
    for (let turn = 0; turn < 2; turn += 1) await cache.get('nothing')
    loading.open()
    expect(await all).to.deep.equal(Array(20).fill(1))
    expect(told('miss')).to.have.lengthOf(20)
  })

  it('throws what a load throws to who called it, and lets the others load', async () => {
    const { cache } = await readyCache()
    const loading = gate()
    const first = cache.wrap('a', 60, async () => {
      await loading.wait
      throw new Error('mine')
    })
    await cache.get('nothing')
    const second = cache.wrap('a', 60, async () => 'other')
    await cache.get('nothing')
    loading.open()
    expect(await first.catch((error: Error) => error.message)).to.equal('mine')
    expect(await second).to.equal('other')
  })

  it('stores nothing that was loaded before an eviction of its key, or of a tag of it', async () => {
    for (const evicted of ['key', 'tag'] as const) {
      const { cache, told } = await readyCache()
      const [loading, begun] = [gate(), gate()]
      let version = 1
      const early = cache.wrap(
        'a',
        60,
        async () => {
          const read = version
          begun.open()
          await loading.wait
          return { version: read, row: 7 }
        },
        { tags: ['row:{result.row}'] },
      )
      await begun.wait
      version = 2
      if (evicted === 'key') await cache.delete('a')
      else await cache.deleteTags('row:7')
      loading.open()
      expect((await early).version).to.equal(1)
      await until('the end', () => told('fill-refused').length > 0)
      expect(await cache.get('a')).to.equal(null)
    }
  })

  it('goes with its tags, those of its options and those of cache.tag', async () => {
    const { cache, stored } = await readyCache()
    const load = async () => {
      cache.tag('given:1')
      return { author: 7 }
    }
    const ask = () => cache.wrap('a', 60, load, { tags: ['author:{result.author}', 'fixed'] })
    for (const [nth, tag] of ['author:7', 'fixed', 'given:1'].entries()) {
      await ask()
      await stored(nth + 1)
      expect(await cache.deleteTags(tag), tag).to.equal(1)
    }
  })

  it('is not stored, if a tag has no value, or unless says so', async () => {
    const { cache, told } = await readyCache()
    const options: WrapOptions<{ n: number }>[] = [
      { tags: ['author:{result.author}'] },
      { unless: ({ n }) => n === 1 },
      {
        unless: () => {
          throw new Error('oops')
        },
      },
    ]
    for (const option of options) {
      expect(await cache.wrap('a', 60, async () => ({ n: 1 }), option)).to.deep.equal({ n: 1 })
      expect(await cache.get('a')).to.equal(null)
    }
    expect(told('not-stored')).to.have.lengthOf(3)
    // The lease was given back each time.
    expect(await cache.wrap('a', 60, async () => ({ n: 2 }))).to.deep.equal({ n: 2 })
  })

  it('says what JSON cannot say, and stores it with a serializer', async () => {
    const { cache, stored } = await readyCache()
    const load = async () => ({ at: new Date(7) })
    // @ts-expect-error JSON cannot say a Date.
    const wrong = await rejection(cache.wrap('a', 60, load))
    expect(wrong).to.have.property('code', 'E_CACHE_VALUE')
    expect(wrong.message).to.include(
      `cache.wrap('a'): a hit would give another value than the function: it.at is a Date`,
    )
    const serializer = {
      stringify: (value: unknown) => JSON.stringify({ ms: Number((value as { at: Date }).at) }),
      parse: (text: string) => ({ at: new Date(JSON.parse(text).ms) }),
    }
    for (let times = 0; times < 2; times += 1) {
      expect(await cache.wrap('a', 60, load, { serializer })).to.deep.equal({ at: new Date(7) })
      await stored()
    }
  })

  it('discards what is no value of the function', async () => {
    const { cache, told, stored } = await readyCache()
    await cache.set('a', { n: 1 }, 60)
    const serializer = {
      stringify: (value: unknown) => JSON.stringify([value]),
      parse: (text: string) => {
        const value: unknown = JSON.parse(text)
        if (!Array.isArray(value)) throw new Error('none of ours')
        return value[0]
      },
    }
    const ask = () => cache.wrap('a', 60, async () => 'new', { serializer })
    expect(await ask()).to.equal('new')
    expect(told('discard')).to.have.lengthOf(1)
    expect(await ask()).to.equal('new')
    await stored()
    expect(await ask()).to.equal('new')
    expect(told('hit')).to.have.lengthOf(1)
  })

  it('gives a stale value and reloads behind it', async () => {
    const { cache, told, stored } = await readyCache()
    let version = 1
    const ask = () => cache.wrap('a', '50ms', async () => version, { staleWhileRevalidate: '1h' })
    await ask()
    await stored()
    version = 2
    await until('it to be stale', async () => {
      await ask()
      return told('stale').length > 0
    })
    await until('the new one', async () => (await ask()) === 2)
    expect(told('reload')).to.not.have.lengthOf(0)
  })

  it('gives a stale value in the place of an error', async () => {
    const { cache, told, stored } = await readyCache()
    let isBroken = false
    const ask = () =>
      cache.wrap(
        'a',
        '50ms',
        async () => {
          if (isBroken) throw new Error('broken')
          return 1
        },
        { staleIfError: '1h' },
      )
    await ask()
    await stored()
    isBroken = true
    await until('it to be stale', async () => {
      expect(await ask()).to.equal(1)
      return told('stale').length > 0
    })
  })

  it('is a mistake with what cannot be', async () => {
    const { cache } = await readyCache()
    const load = async () => 1
    const code = async (call: () => Promise<unknown>) => (await rejection(call())).code
    expect(await code(() => cache.wrap('', 60, load))).to.equal('E_CACHE_KEY')
    expect(await code(() => cache.wrap('a', 0, load))).to.equal('E_CACHE_TTL')
    expect(await code(() => cache.wrap('a', 60, load, { ttl: 7 } as never))).to.equal('E_CACHE_OPTION')
    expect(await code(() => cache.wrap('a', 60, load, { serializer: {} as never }))).to.equal(
      'E_CACHE_OPTION',
    )
    expect(await code(() => cache.wrap('a', 60, load, { tags: ['a:{query.b}'] }))).to.equal('E_CACHE_SOURCE')
  })
})

onEachStore('cache.methods', (makeCache) => {
  interface Report {
    readonly id: string
    readonly author: number
    readonly version: number
  }

  @CacheConfig({ keyPrefix: 'crm:', visibility: 'user', condition: () => true })
  class ReportService {
    loads = 0
    versions = new Map<string, number>()

    @Cacheable('report:{args.0}:{args.1.lang|=en}', 60, {
      tags: ['author:{result.author}', 'report:{args.0}'],
    })
    report(id: string, _options: { lang?: string } = {}): Report {
      this.loads += 1
      return { id, author: 7, version: this.versions.get(id) ?? 1 }
    }

    @CacheEvict('report:{args.0}:*', { tags: ['report:{result.id}'] })
    async rename(id: string, fails = false) {
      if (fails) throw new Error('no')
      this.versions.set(id, (this.versions.get(id) ?? 1) + 1)
      return { id }
    }

    @CachePut('report:{result.id}:en', 60, { tags: ['author:{result.author}'] })
    async create(id: string): Promise<Report> {
      return { id, author: 8, version: 10 }
    }

    plain(a: number, b: number) {
      return a + b + this.loads
    }
  }

  async function readyService() {
    const { cache, events } = makeCache()
    await cache.ready()
    const service = new ReportService()
    const filled = (count: number) =>
      until('the fill', () => events.filter(({ type }) => type === 'fill').length >= count)
    return { cache, events, service, filled, reports: cache.methods(service) }
  }

  it('gives values from the cache, by the arguments', async () => {
    const { cache, service, reports, filled } = await readyService()
    for (const id of ['a:b', 'a']) {
      expect(await reports.report(id)).to.deep.equal({ id, author: 7, version: 1 })
    }
    await filled(2)
    await reports.report('a:b', { lang: 'en' })
    await reports.report('a', { lang: 'de' })
    expect(service.loads).to.equal(3)
    expect(await cache.get('crm:report:a%3Ab:en')).to.deep.equal({ id: 'a:b', author: 7, version: 1 })
    expect(cache.stats().rules).to.deep.equal([
      {
        where: 'ReportService.report',
        key: 'crm:report:{args.0}:{args.1.lang|=en}',
        ...{ hits: 1, misses: 3, bypasses: 0 },
      },
    ])
    expect(await cache.deleteTags('author:7')).to.be.within(2, 3)
  })

  it('evicts once a method has succeeded, and before it resolves', async () => {
    const { reports, filled } = await readyService()
    await reports.report('a')
    await filled(1)
    expect(await reports.rename('a', true).catch((error: Error) => error.message)).to.equal('no')
    expect((await reports.report('a')).version).to.equal(1)
    await reports.rename('a')
    expect((await reports.report('a')).version).to.equal(2)
  })

  it('puts what a method gives', async () => {
    const { service, reports, cache } = await readyService()
    await reports.create('n')
    expect(await reports.report('n')).to.deep.equal({ id: 'n', author: 8, version: 10 })
    expect(service.loads).to.equal(0)
    expect(await cache.deleteTags('author:8')).to.equal(1)
  })

  it('goes past the cache without a value for the key, and lets other methods be', async () => {
    const { reports, events, service } = await readyService()
    await reports.report(undefined as never)
    expect(events.map(({ type }) => type)).to.deep.equal(['bypass'])
    expect(await reports.plain(1, 2)).to.equal(3 + service.loads)
  })

  it('is a mistake with what asks a request', () => {
    class Wrong {
      @Cacheable('a:{args.0}', 60, { condition: () => true })
      a() {}
    }
    class WrongSource {
      @Cacheable('a:{query.b}', 60)
      a() {}
    }
    class OnRoutes {
      @Cacheable('a:{args.0}', 60)
      a() {}
    }
    const { cache } = makeCache()
    expect(thrown(() => cache.methods(new Wrong())).code).to.equal('E_CACHE_OPTION')
    expect(thrown(() => cache.methods(new WrongSource())).code).to.equal('E_CACHE_SOURCE')
    expect(thrown(() => cache.handlers(new OnRoutes())).code).to.equal('E_CACHE_SOURCE')
    expect(thrown(() => cache.methods({}))).to.have.property('code', 'E_CACHE_OPTION')
    expect(thrown(() => cache.methods(new OnRoutes(), { serialiser: 1 } as never)).code).to.equal(
      'E_CACHE_OPTION',
    )
  })
})
