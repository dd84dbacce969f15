import { expect } from 'chai'
import express, { type Express, type RequestHandler } from 'express'
import { type Cache, Cacheable, CacheEvict, CachePut, createMemoryBus, OnEvent } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type Gate, gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { type ObservedCache, onEachStoreAndCluster } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { rejection } from '../unit/thrown.js'

interface Article {
  readonly slug: string
  readonly author: { id: number } | null
  readonly title: string
}

onEachStoreAndCluster('an entry with tags', (makeCache) => {
  const listen = serversOfSuite()

  async function newspaper(
    define: (app: Express, observed: ObservedCache, articles: Map<string, Article>) => void,
  ) {
    const observed = makeCache()
    const articles = new Map<string, Article>()
    const write = (slug: string, author: number | null, title = slug) =>
      articles.set(slug, { slug, author: author === null ? null : { id: author }, title })
    write('one', 7)
    write('two', 8)
    write('none', null)
    const app = quietExpress().use(express.json())
    define(app, observed, articles)
    await observed.cache.ready(app)
    const url = await listen(app)
    const ask = (path: string, init?: RequestInit) => answerOf(url + path, init)
    const states = async (...paths: string[]) => {
      const seen: string[] = []
      for (const path of paths) seen.push(String((await ask(path)).xCache))
      return seen
    }
    const warm = async (...paths: string[]) => {
      for (const path of paths) await ask(path)
      expect(await states(...paths), 'once asked').to.deep.equal(paths.map(() => 'HIT'))
    }
    return { ...observed, write, ask, states, warm }
  }

  const getArticle =
    (articles: Map<string, Article>): RequestHandler<{ slug: string }> =>
    (req, res) => {
      res.json(articles.get(req.params.slug))
    }
  const byAuthor = { tags: ['author:{result.author.id|none}', 'slug:{slug}'] }
  const readRoutes = (app: Express, { cache }: ObservedCache, articles: Map<string, Article>) => {
    app.get('/articles/:slug', cache.cacheable('article:{slug}', 60, byAuthor), getArticle(articles))
    app.get('/feed', cache.cacheable('feed', 60), async (_req, res) => {
      await Promise.resolve()
      const all = [...articles.values()]
      cache.tag(...all.map(({ author }) => `author:${author?.id ?? 'none'}`))
      res.json(all)
    })
  }
  const done: RequestHandler = (_req, res) => {
    res.json({ id: 7 })
  }

  it('goes with each of them, and with its key', async () => {
    const { cache, warm, states } = await newspaper((app, observed, articles) => {
      readRoutes(app, observed, articles)
      app.put('/authors/:id', observed.cache.evict({ tags: ['author:{id}'] }), done)
      app.put('/slugs/:slug', observed.cache.evict('article:{slug}', { tags: 'author:{result.id}' }), done)
    })
    const all = ['/articles/one', '/articles/two', '/articles/none', '/feed']
    await warm(...all)
    expect(await cache.deleteTags(['author:8', 'author:99'])).to.equal(2)
    expect(await states(...all)).to.deep.equal(['HIT', 'MISS', 'HIT', 'MISS'])
    expect(await cache.deleteTags('slug:one')).to.equal(1)
    expect(await cache.delete('article:none')).to.equal(true)
    expect(await cache.deleteTags('author:none')).to.equal(1)
  })

  it('goes with a write that names them, acknowledged before its answer', async () => {
    const { ask, warm, states, events } = await newspaper((app, observed, articles) => {
      readRoutes(app, observed, articles)
      app.put('/authors/:id', observed.cache.evict({ tags: ['author:{id}'] }), done)
      app.put('/slugs/:slug', observed.cache.evict('article:{slug}', { tags: 'author:{result.id}' }), done)
      app.delete('/authors/:id', observed.cache.evict({ tags: ['author:{id}'] }), (_req, res) => {
        res.status(409).json({})
      })
    })
    const all = ['/articles/one', '/articles/two', '/feed']
    await warm(...all)
    await ask('/authors/8', { method: 'PUT' })
    expect(await states(...all)).to.deep.equal(['HIT', 'MISS', 'MISS'])
    expect(events.find(({ type }) => type === 'evict')).to.have.deep.property('targets', ['tag author:8'])
    await warm(...all)
    await ask('/slugs/two', { method: 'PUT' })
    expect(await states(...all)).to.deep.equal(['MISS', 'MISS', 'MISS'])
    await warm(...all)
    await ask('/authors/7', { method: 'DELETE' })
    expect(await states(...all), 'after a failed write').to.deep.equal(['HIT', 'HIT', 'HIT'])
  })

  it('goes with an event that names them', async () => {
    class AuthorEvents {
      @OnEvent('authors', 'RENAMED')
      @CacheEvict({ tags: ['author:{data.id}'] })
      async onRenamed() {}
    }
    const { cache, warm, states } = await newspaper(readRoutes)
    const bus = createMemoryBus()
    await cache.subscribe(bus, new AuthorEvents())
    await warm('/articles/one', '/articles/two')
    await bus.publish('authors', {
      ...{ eventType: 'RENAMED', eventId: 'e1', timestamp: new Date().toISOString() },
      data: { id: 7 },
    })
    expect(await states('/articles/one', '/articles/two')).to.deep.equal(['MISS', 'HIT'])
    await bus.close()
  })

  it('goes with all tags that begin alike, where a write does not say which', async () => {
    const { ask, warm, states } = await newspaper((app, observed, articles) => {
      readRoutes(app, observed, articles)
      app.put('/somebody', observed.cache.evict({ tags: ['author:{query.id}'] }), done)
      app.get('/plain', observed.cache.cacheable('plain', 60, { tags: ['slug:x'] }), done)
    })
    const all = ['/articles/one', '/articles/two', '/plain']
    await warm(...all)
    await ask('/somebody', { method: 'PUT' })
    expect(await states(...all)).to.deep.equal(['MISS', 'MISS', 'HIT'])
  })

  it('has values escaped as keys have them', async () => {
    const { cache, warm } = await newspaper((app, observed) => {
      app.get('/by', observed.cache.cacheable('by:{query.name}', 60, { tags: ['name:{query.name}'] }), done)
    })
    await warm('/by?name=a%3Ab%20c')
    expect(await cache.deleteTags('name:a:b c')).to.equal(0)
    expect(await cache.deleteTags('name:a%3Ab%20c')).to.equal(1)
  })

  it('is none, where a tag of its rule has no value', async () => {
    const { ask, states, events } = await newspaper((app, observed, articles) => {
      app.get(
        '/articles/:slug',
        observed.cache.cacheable('article:{slug}', 60, { tags: ['author:{result.author.id}'] }),
        getArticle(articles),
      )
    })
    expect(await states('/articles/one', '/articles/one')).to.deep.equal(['MISS', 'HIT'])
    expect((await ask('/articles/none')).headers.get('cache-status')).to.match(
      /detail="tag 'author:\{result.author.id\}'/,
    )
    expect(await states('/articles/none')).to.deep.equal(['MISS'])
    expect(events.at(-1)).to.deep.include({ type: 'not-stored', key: 'article:none' })
  })

  it('is none, where its handler gives it a tag that cannot be one, or too many', async () => {
    const { states, events } = await newspaper((app, { cache }) => {
      app.get('/long', cache.cacheable('long', 60), (_req, res) => {
        cache.tag('x'.repeat(1_025))
        res.json({})
      })
      app.get('/many', cache.cacheable('many', 60), (_req, res) => {
        cache.tag(...Array.from({ length: 501 }, (_, id) => `t:${id}`))
        res.json({})
      })
    })
    expect(await states('/long', '/long', '/many', '/many')).to.deep.equal(Array(4).fill('MISS'))
    const reasons = events.flatMap((event) => (event.type === 'not-stored' ? [event.reason] : []))
    expect(reasons).to.deep.equal(['unusable tag', 'unusable tag', 'too many tags', 'too many tags'])
  })

  it('does nothing with tags where no answer is loaded', async () => {
    const { cache } = await newspaper(() => {})
    cache.tag('author:7')
    expect(() => cache.tag(7 as never))
      .to.throw()
      .with.property('code', 'E_CACHE_TAG')
    expect(await rejection(cache.deleteTags(''))).to.have.property('code', 'E_CACHE_TAG')
  })

  it('is not stored, if a tag was evicted while it was loaded that shows only at the end', async () => {
    let loading: Gate | undefined
    let asked: Gate | undefined
    let came: Gate | undefined
    const { cache, ask, states, write } = await newspaper((app, observed, articles) => {
      const tellComing: RequestHandler = (_req, _res, next) => {
        came?.open()
        next()
      }
      const read = observed.cache.cacheable('article:{slug}', 60, byAuthor)
      app.get('/articles/:slug', tellComing, read, async (req, res) => {
        const article = articles.get(req.params.slug as string)
        asked?.open()
        await loading?.wait
        res.json(article)
      })
    })
    ;[loading, asked] = [gate(), gate()]
    const early = ask('/articles/one')
    await asked.wait
    write('one', 7, 'new')
    await cache.deleteTags('author:7')
    // Who comes now looks up a lease that stands, and must not get what was loaded before.
    came = gate()
    const late = ask('/articles/one')
    await came.wait
    // It is looked up behind that.
    await cache.get('nothing')
    loading.open()
    expect(JSON.parse((await early).text).title).to.equal('one')
    expect(JSON.parse((await late).text).title).to.equal('new')
    expect(JSON.parse((await ask('/articles/one')).text).title).to.equal('new')
    expect(await states('/articles/one')).to.deep.equal(['HIT'])
  })

  it('is what a write puts with them', async () => {
    const { cache, ask, states } = await newspaper((app, observed, articles) => {
      readRoutes(app, observed, articles)
      const tags = ['author:{result.author.id}']
      app.put('/articles/:slug', observed.cache.put('article:{slug}', 60, { tags }), getArticle(articles))
    })
    await ask('/articles/two', { method: 'PUT' })
    expect(await states('/articles/two')).to.deep.equal(['HIT'])
    expect(await cache.deleteTags('author:8')).to.equal(1)
    // Without all its tags it is none.
    await ask('/articles/none')
    await ask('/articles/none', { method: 'PUT' })
    expect(await states('/articles/none')).to.deep.equal(['MISS'])
  })

  it('is declared by decorators', async () => {
    class Articles {
      @Cacheable('article:{slug}', 60, { tags: ['author:{result.id}'] })
      async get(_req: express.Request, res: express.Response) {
        res.json({ id: 7 })
      }

      @CachePut('article:{slug}', 60, { tags: ['author:{result.id}'] })
      async put(_req: express.Request, res: express.Response) {
        res.json({ id: 7 })
      }

      @CacheEvict({ tags: ['author:{id}'] })
      async rename(_req: express.Request, res: express.Response) {
        res.json({})
      }
    }
    const { ask, warm, states } = await newspaper((app, { cache }) => {
      const { get, put, rename } = cache.handlers(new Articles())
      app.get('/articles/:slug', get)
      app.put('/articles/:slug', put)
      app.put('/authors/:id', rename)
    })
    await warm('/articles/one')
    await ask('/authors/7', { method: 'PUT' })
    expect(await states('/articles/one')).to.deep.equal(['MISS'])
    await ask('/articles/two', { method: 'PUT' })
    expect(await states('/articles/two')).to.deep.equal(['HIT'])
    await ask('/authors/7', { method: 'PUT' })
    expect(await states('/articles/two')).to.deep.equal(['MISS'])
  })

  it('is what warming stores with them, and the log tells of what is stored without', async () => {
    const logger = recordingLogger()
    const { cache } = makeCache({ logger })
    cache.cacheable('article:{slug}', 60, byAuthor)
    await cache.ready()
    const load = async () => [{ slug: 'one', author: { id: 7 } }, { slug: 'none' }]
    const warmed = await cache.warm({ key: 'article:{slug}', ttl: 60, load, tags: ['slug:{slug}'] })
    expect(warmed).to.equal(2)
    expect(logger.at('warn')).to.deep.equal([])
    expect(await cache.deleteTags('slug:one')).to.equal(1)
    await cache.set('article:two', {}, 60)
    await cache.warm({ key: 'article:{slug}', ttl: 60, load })
    const warnings = logger.at('warn').map((line) => line.replace(/ without the tags.*/, ''))
    expect(warnings).to.deep.equal(
      ['cache.set', 'cache.warm'].map((call) => `${call} stores keys of cache.cacheable('article:{slug}')`),
    )
  })

  it('is a mistake at start, if a put leaves out what its key has', async () => {
    const { cache } = makeCache()
    cache.cacheable('article:{slug}', 60, byAuthor)
    cache.put('article:{slug}', 60)
    expect(() => cache.verify())
      .to.throw()
      .with.property('code', 'E_CACHE_RULE_CONFLICT')
  })

  for (const [what, declare] of [
    ['a star', (cache: Cache) => cache.cacheable('a', 60, { tags: ['author:*'] })],
    ['no text', (cache: Cache) => cache.evict({ tags: [7 as never] })],
    ['an empty text', (cache: Cache) => cache.evict({ tags: [''] })],
  ] as const) {
    it(`is a mistake at start, if a tag is ${what}`, () => {
      expect(() => declare(makeCache().cache))
        .to.throw()
        .with.property('code', 'E_CACHE_TEMPLATE')
    })
  }

  it('is a mistake at start, if nothing is to be evicted, or a source is unknown', () => {
    const { cache } = makeCache()
    expect(() => cache.evict({ tags: [] }))
      .to.throw()
      .with.property('code', 'E_CACHE_PATTERN')
    expect(() => cache.evict({}))
      .to.throw()
      .with.property('code', 'E_CACHE_PATTERN')
    expect(() => cache.evict('a', { tags: ['x:{data.id}'] }))
      .to.throw()
      .with.property('code', 'E_CACHE_SOURCE')
    expect(() => cache.cacheable('a', 60, { tags: 7 as never }))
      .to.throw()
      .with.property('code', 'E_CACHE_OPTION')
  })
})
