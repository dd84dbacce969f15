import { expect } from 'chai'
import type { Request, Response } from 'express'
import { Cacheable, CacheConfig, CacheEvict, CachePut } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'

/** Articles as an app filters them that takes `all` for an author like any other. */
@CacheConfig({ ttl: 60 })
class Articles {
  @Cacheable('articles:{query.author|all}')
  list({ query }: Request, res: Response) {
    res.json({ by: query.author ?? null })
  }

  /** The first page is what one gets without asking for one, too. */
  @Cacheable('pages:{query.page|=1}')
  page({ query }: Request, res: Response) {
    res.json({ page: Number(query.page ?? '1') })
  }

  @CacheEvict('articles:{params.author}')
  writeOf(_req: Request, res: Response) {
    res.json({})
  }

  @CacheEvict('articles:{query.author|all}')
  writeLike(_req: Request, res: Response) {
    res.json({})
  }

  @CacheEvict('articles:|all')
  writeMainPage(_req: Request, res: Response) {
    res.json({})
  }

  @CachePut('articles:{result.by}')
  put({ params }: Request, res: Response) {
    res.json({ by: params.author, isPut: true })
  }
}

onEachStore('an absent value', (makeCache) => {
  const listen = serversOfSuite()

  async function serve() {
    const { cache } = makeCache()
    const app = quietExpress()
    const articles = cache.handlers(new Articles())
    app.get('/articles', articles.list)
    app.get('/pages', articles.page)
    app.put('/articles/of/:author', articles.writeOf)
    app.put('/articles/like', articles.writeLike)
    app.put('/articles/main', articles.writeMainPage)
    app.post('/articles/of/:author', articles.put)
    await cache.ready(app)
    const url = await listen(app)
    const ask = async (path: string, method = 'GET') => {
      const { xCache, text } = await answerOf(url + path, { method })
      return `${xCache} ${text}`
    }
    const fill = async () => {
      for (const path of ALL) await ask(path)
      expect(await states()).to.deep.equal(['HIT', 'HIT', 'HIT'])
    }
    /** Of the main page, of the author `all` and of another. */
    const states = async () => {
      const answers: string[] = []
      for (const path of ALL) answers.push((await ask(path)).split(' ', 1)[0] as string)
      return answers
    }
    return { cache, ask, fill, states }
  }

  const ALL = ['/articles', '/articles?author=all', '/articles?author=ada']

  it('is told from the value that the default looks like, whichever comes first', async () => {
    const { cache, ask } = await serve()
    expect(await ask('/articles?author=all')).to.equal('MISS {"by":"all"}')
    expect(await ask('/articles')).to.equal('MISS {"by":null}')
    expect(await ask('/articles?author=all')).to.equal('HIT {"by":"all"}')
    expect(await ask('/articles')).to.equal('HIT {"by":null}')
    expect(await ask('/articles?author=%7Call')).to.equal('MISS {"by":"|all"}')
    expect(await cache.get('articles:|all')).to.deep.equal({ by: null })
    expect(await cache.get('articles:all')).to.deep.equal({ by: 'all' })
  })

  it('shares a key with the value that the app is declared to take it for', async () => {
    const { cache, ask } = await serve()
    expect(await ask('/pages')).to.equal('MISS {"page":1}')
    expect(await ask('/pages?page=1')).to.equal('HIT {"page":1}')
    expect(await cache.get('pages:1')).to.deep.equal({ page: 1 })
  })

  it('stays where a write evicts the value, and goes where the write names the default or the spelling', async () => {
    const { ask, fill, states } = await serve()
    await fill()
    await ask('/articles/of/all', 'PUT')
    expect(await states()).to.deep.equal(['HIT', 'MISS', 'HIT'])
    await fill()
    await ask('/articles/like', 'PUT')
    expect(await states(), 'nothing says which is meant, so both go').to.deep.equal(['MISS', 'MISS', 'HIT'])
    await fill()
    await ask('/articles/like?author=ada', 'PUT')
    expect(await states()).to.deep.equal(['HIT', 'HIT', 'MISS'])
    await fill()
    await ask('/articles/main', 'PUT')
    expect(await states()).to.deep.equal(['MISS', 'HIT', 'HIT'])
  })

  it('is not what a write puts under the value', async () => {
    const { ask } = await serve()
    await ask('/articles/of/all', 'POST')
    expect(await ask('/articles?author=all')).to.equal('HIT {"by":"all","isPut":true}')
    expect(await ask('/articles')).to.equal('MISS {"by":null}')
  })

  it('goes with all of a pattern, and by a glob', async () => {
    const { cache, fill, states } = await serve()
    await fill()
    expect(await cache.deletePattern('articles:*')).to.equal(3)
    expect(await states()).to.deep.equal(['MISS', 'MISS', 'MISS'])
  })

  it('in a tag is told from the value as well', async () => {
    const { cache } = makeCache()
    const app = quietExpress()
    app.get('/:id', cache.cacheable('row:{id}', 60, { tags: ['of:{query.of|none}'] }), ({ query }, res) => {
      res.json({ of: query.of ?? null })
    })
    app.put('/:of', cache.evict({ tags: ['of:{of}'] }), (_req, res) => {
      res.json({})
    })
    app.post('/', cache.evict({ tags: ['of:{query.of|none}'] }), (_req, res) => {
      res.json({})
    })
    await cache.ready(app)
    const url = await listen(app)
    const fill = async () => {
      for (const path of ['/1', '/2?of=none', '/3?of=x']) await answerOf(url + path)
    }
    const hits = async () => {
      const answers = await Promise.all(['/1', '/2?of=none', '/3?of=x'].map((path) => answerOf(url + path)))
      return answers.map(({ xCache }) => xCache)
    }
    await fill()
    await answerOf(`${url}/none`, { method: 'PUT' })
    expect(await hits()).to.deep.equal(['HIT', 'MISS', 'HIT'])
    await answerOf(`${url}/`, { method: 'POST' })
    expect(await hits()).to.deep.equal(['MISS', 'MISS', 'HIT'])
    expect(await cache.deleteTags('of:|none')).to.equal(1)
  })
})
