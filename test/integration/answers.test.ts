import { once } from 'node:events'
import { expect } from 'chai'
import express, { type RequestHandler, type Response } from 'express'
import type { Redis } from 'ioredis'
import { type Answer, answerOf } from '../support/answer-of.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'

const SAME_HEADERS = [
  'content-type',
  'content-length',
  'etag',
  'last-modified',
  'content-language',
  'x-total',
  'link',
]

onEachStore('a cached route', (makeCache) => {
  const serve = serversOfSuite()

  async function fetchTwice(
    handler: RequestHandler,
    options = {},
  ): Promise<{ calls: number; answers: Answer[] }> {
    const { cache } = makeCache()
    await cache.ready()
    let calls = 0
    const app = quietExpress()
    app.get('/thing', cache.cacheable('thing:{query.n|1}', 60, options), (req, res, next) => {
      calls++
      return handler(req, res, next)
    })
    const url = await serve(app)
    const answers = [await answerOf(`${url}/thing`), await answerOf(`${url}/thing`)]
    return { calls, answers }
  }

  const replayed: Record<string, RequestHandler> = {
    'res.json': (_req, res) => void res.json({ a: [1, 'ü'], b: null }),
    'a JSON text': (_req, res) => void res.json('only text'),
    'JSON false': (_req, res) => void res.json(false),
    'JSON zero': (_req, res) => void res.json(0),
    'JSON null': (_req, res) => void res.json(null),
    'res.send of HTML': (_req, res) => void res.send('<p>hällo</p>'),
    'text/plain': (_req, res) => void res.type('text').send('plain'),
    binary: (_req, res) =>
      void res.type('application/octet-stream').send(Buffer.from([0, 255, 128, 13, 10, 13, 10])),
    'an empty body': (_req, res) => void res.end(),
    'write in pieces': (_req, res) => {
      res.setHeader('Content-Type', 'text/plain')
      res.write('one ')
      res.write(Buffer.from('two '))
      res.end('three')
    },
    'writeHead with headers': (_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/css', 'X-Total': '7' })
      res.end('a{}')
    },
    'headers of its own': (_req, res) =>
      void res.set({ 'X-Total': '42', 'Content-Language': 'de', Link: '</a>; rel=next' }).json([1]),
    'a Last-Modified': (_req, res) => void res.set('Last-Modified', 'Tue, 01 Sep 2026 10:00:00 GMT').json({}),
    'an ETag of its own': (_req, res) => void res.set('ETag', '"mine"').json({ a: 1 }),
    'JSON that is not UTF-8 JSON by type': (_req, res) =>
      void res.type('application/problem+json').send('{"a":1}'),
    'what is called JSON and is none': (_req, res) => void res.type('json').send('{a: 1}'),
    'JSON that something behind adds to': (_req, res) => {
      addTo(res, ' ')
      res.json({ a: 1 })
    },
    'text that looks like an envelope': (_req, res) =>
      void res.type('text').send('HTTP/1.1 500\r\na: b\r\n\r\nx'),
  }
  for (const [name, handler] of Object.entries(replayed)) {
    it(`gives on a hit what the miss gave: ${name}`, async () => {
      const { calls, answers } = await fetchTwice(handler)
      const [miss, hit] = answers as [Answer, Answer]
      expect([miss.xCache, hit.xCache]).to.deep.equal(['MISS', 'HIT'])
      expect(calls).to.equal(1)
      expect(hit.status).to.equal(miss.status)
      expect(hit.body.equals(miss.body), `${hit.body} is ${miss.body}`).to.equal(true)
      for (const header of SAME_HEADERS) {
        // A body written in pieces has no length on its first way; the stored one has.
        if (header === 'content-length' && !miss.headers.has(header)) continue
        // Nor is there time for a tag once the head has left.
        if (header === 'etag' && !miss.headers.has(header)) continue
        expect(hit.headers.get(header), header).to.equal(miss.headers.get(header))
      }
    })
  }

  const notStored: Record<string, RequestHandler> = {
    'status 201': (_req, res) => void res.status(201).json({}),
    'status 404': (_req, res) => void res.status(404).json({}),
    'status 500': (_req, res) => void res.status(500).json({}),
    'a thrown error': () => {
      throw Object.assign(new Error('no'), { status: 418 })
    },
    'Set-Cookie': (_req, res) => void res.cookie('sid', '1').json({}),
    'no-store': (_req, res) => void res.set('Cache-Control', 'No-Store').json({}),
    private: (_req, res) => void res.set('Cache-Control', 'private="x", max-age=60').json({}),
    'no-cache': (_req, res) => void res.set('Cache-Control', 'no-cache').json({}),
    'max-age=0': (_req, res) => void res.set('Cache-Control', 'max-age=0').json({}),
    'a Cache-Control nobody can read': (_req, res) => void res.set('Cache-Control', 'max-age = =').json({}),
    'Vary: *': (_req, res) => void res.set('Vary', '*').json({}),
    'Vary on what the key does not name': (_req, res) => void res.set('Vary', 'Accept-Language').json({}),
    'an Expires in the past': (_req, res) => void res.set('Expires', '0').json({}),
  }
  for (const [name, handler] of Object.entries(notStored)) {
    it(`does not store ${name}`, async () => {
      const { calls, answers } = await fetchTwice(handler)
      expect(calls).to.equal(2)
      expect(answers.map(({ xCache }) => xCache)).to.deep.equal(['MISS', 'MISS'])
    })
  }

  it('stores another status if the rule declares it', async () => {
    const { calls, answers } = await fetchTwice((_req, res) => void res.status(404).json({ error: 'none' }), {
      statuses: [404],
    })
    expect(calls).to.equal(1)
    expect(answers.map(({ status, xCache }) => [status, xCache])).to.deep.equal([
      [404, 'MISS'],
      [404, 'HIT'],
    ])
  })

  it('lets a response shorten the TTL, and never lengthen it', async () => {
    const { cache } = makeCache()
    await cache.ready()
    const app = quietExpress()
    app.get('/:seconds', cache.cacheable('short:{seconds}', 60), (req, res) => {
      res.set('Cache-Control', `max-age=${req.params.seconds}`).json({})
    })
    const url = await serve(app)
    for (const [seconds, most] of [
      [10, 10],
      [1000, 60],
    ] as const) {
      await answerOf(`${url}/${seconds}`)
      const hit = await answerOf(`${url}/${seconds}`)
      const ttl = Number(/ttl=(\d+)/.exec(hit.headers.get('cache-status') ?? '')?.[1])
      expect(ttl).to.be.within(most - 5, most)
    }
  })

  it('does not store what unless refuses, and shows it the parsed answer', async () => {
    const seen: unknown[] = []
    const { calls } = await fetchTwice((_req, res) => void res.json({ draft: true }), {
      unless: (result: unknown) => {
        seen.push(result)
        return (result as { draft: boolean }).draft
      },
    })
    expect(calls).to.equal(2)
    expect(seen).to.deep.equal([{ draft: true }, { draft: true }])
  })

  it('answers as if nothing were when unless throws, and stores nothing', async () => {
    const { calls, answers } = await fetchTwice((_req, res) => void res.json({}), {
      unless: () => {
        throw new Error('a mistake')
      },
    })
    expect(calls).to.equal(2)
    expect(answers.map(({ status }) => status)).to.deep.equal([200, 200])
  })

  it('answers as if nothing were when condition throws, and counts the request', async () => {
    const { calls, answers } = await fetchTwice((_req, res) => void res.json({}), {
      condition: () => {
        throw new Error('a mistake')
      },
    })
    expect(calls).to.equal(2)
    expect(answers.map(({ status, xCache }) => [status, xCache])).to.deep.equal([
      [200, 'BYPASS'],
      [200, 'BYPASS'],
    ])
  })

  it('says why an answer is not stored', async () => {
    const { answers } = await fetchTwice((_req, res) => void res.cookie('sid', '1').json({}))
    expect(answers[0]?.headers.get('cache-status')).to.equal('express-cacheable;fwd=miss;detail="Set-Cookie"')
  })

  it('bypasses where the condition says no', async () => {
    const { calls, answers } = await fetchTwice((_req, res) => void res.json({}), { condition: () => false })
    expect(calls).to.equal(2)
    expect(answers.map(({ xCache }) => xCache)).to.deep.equal(['BYPASS', 'BYPASS'])
  })

  it('bypasses a request without the value that the key needs, and one with a value that no key can say', async () => {
    const { cache, events } = makeCache()
    await cache.ready()
    let calls = 0
    const app = quietExpress()
    app.set('query parser', 'extended')
    app.get('/list', cache.cacheable('list:{query.page}:{query.limit|10}', 60), (_req, res) => {
      calls++
      res.json({})
    })
    const url = await serve(app)
    const queries = [
      '',
      '?page=',
      '?page=1&page=2',
      '?page[a]=1',
      '?page=1&limit=',
      `?page=${'x'.repeat(2_000)}`,
    ]
    for (const query of queries)
      expect((await answerOf(`${url}/list${query}`)).xCache, query).to.equal('BYPASS')
    expect(calls).to.equal(queries.length)
    expect(events.filter(({ type }) => type === 'bypass')).to.have.lengthOf(queries.length)
  })

  it('keeps an entry for each value of a header it varies on, and evicts them together', async () => {
    const { cache } = makeCache()
    await cache.ready()
    let calls = 0
    const app = quietExpress()
    app.get('/hi', cache.cacheable('hi', 60, { vary: ['Accept-Language'] }), (req, res) => {
      calls++
      res.json({ language: req.get('accept-language') })
    })
    app.delete('/hi', cache.evict('hi'), (_req, res) => void res.sendStatus(204))
    const url = await serve(app)
    const ask = (language: string): Promise<Answer> =>
      answerOf(`${url}/hi`, { headers: { 'accept-language': language } })
    for (const language of ['de', 'en', 'de', 'en']) {
      const answer = await ask(language)
      expect(JSON.parse(answer.body.toString())).to.deep.equal({ language })
      expect(answer.headers.get('vary')).to.equal('Accept-Language'.toLowerCase())
    }
    expect(calls).to.equal(2)
    await fetch(`${url}/hi`, { method: 'DELETE' })
    await ask('de')
    await ask('en')
    expect(calls).to.equal(4)
  })

  it('bypasses a header value that is too long for a key', async () => {
    const { cache } = makeCache()
    await cache.ready()
    const app = quietExpress()
    app.get('/hi', cache.cacheable('hi', 60, { vary: ['x-any'] }), (_req, res) => void res.json({}))
    const url = await serve(app)
    const long = { headers: { 'x-any': 'x'.repeat(2_000) } }
    for (let time = 0; time < 2; time++) expect((await answerOf(`${url}/hi`, long)).xCache).to.equal('BYPASS')
  })

  it('marks an object: false on a miss, true on a hit, false on a bypass', async () => {
    const { cache } = makeCache()
    await cache.ready()
    const app = quietExpress()
    app.get('/:id', cache.cacheable('marked:{id}:{query.x|=0}', 60, { mark: 'cached' }), (_req, res) => {
      res.json({ a: 1 })
    })
    const url = await serve(app)
    const bodies = []
    for (const path of ['1', '1', '1?x=']) bodies.push((await answerOf(`${url}/${path}`)).body.toString())
    expect(bodies).to.deep.equal([
      '{"a":1,"cached":false}',
      '{"a":1,"cached":true}',
      '{"a":1,"cached":false}',
    ])
    expect(await cache.get('marked:1:0')).to.deep.equal({ a: 1 })
  })

  it('answers 304 without a body on a miss as on a hit, and fills from a conditional request', async () => {
    const { cache } = makeCache()
    await cache.ready()
    let calls = 0
    const app = quietExpress()
    app.get('/thing', cache.cacheable('conditional', 60), (_req, res) => {
      calls++
      res.json({ a: 1 })
    })
    const url = await serve(app)
    const { headers } = await answerOf(`${url}/thing`)
    const etag = headers.get('etag') as string
    await cache.delete('conditional')
    for (const xCache of ['MISS', 'HIT']) {
      const answer = await conditionalGet(`${url}/thing`, etag)
      expect(answer).to.deep.equal({ status: 304, body: '', xCache, etag })
    }
    expect(calls).to.equal(2)
  })

  it("answers HEAD from the GET's entry, and never fills from it", async () => {
    const { cache } = makeCache()
    await cache.ready()
    let calls = 0
    const app = quietExpress()
    app.get('/thing', cache.cacheable('head', 60), (_req, res) => {
      calls++
      res.json({ a: 1 })
    })
    const url = await serve(app)
    expect((await answerOf(`${url}/thing`, { method: 'HEAD' })).xCache).to.equal('BYPASS')
    expect((await answerOf(`${url}/thing`)).xCache).to.equal('MISS')
    const head = await answerOf(`${url}/thing`, { method: 'HEAD' })
    expect([head.xCache, head.headers.get('content-length'), head.body.length]).to.deep.equal(['HIT', '7', 0])
    expect(calls).to.equal(2)
  })

  it('does not answer other methods from the entry of a GET', async () => {
    const { cache } = makeCache()
    await cache.ready()
    const app = quietExpress()
    app.all('/thing', cache.cacheable('all', 60), (req, res) => void res.json({ method: req.method }))
    const url = await serve(app)
    for (const method of ['GET', 'PUT', 'POST', 'DELETE']) {
      const answer = await answerOf(`${url}/thing`, { method })
      expect(JSON.parse(answer.body.toString())).to.deep.equal({ method })
    }
  })

  it('answers a POST that only reads, if its key names the body', async () => {
    const { cache } = makeCache()
    let calls = 0
    const app = quietExpress().use(express.json())
    app.post('/search', cache.cacheable('search:{body.q}', 60), (req, res) => {
      calls++
      res.json({ q: req.body.q })
    })
    await cache.ready(app)
    const url = await serve(app)
    const search = (q: string): Promise<Answer> =>
      answerOf(`${url}/search`, {
        method: 'POST',
        body: JSON.stringify({ q }),
        headers: { 'content-type': 'application/json' },
      })
    const answers = [await search('a'), await search('a'), await search('b')]
    expect(answers.map(({ xCache }) => xCache)).to.deep.equal(['MISS', 'HIT', 'MISS'])
    expect(calls).to.equal(2)
  })

  it('does not store for others what earlier middleware says of one request, nor refuse because of its Vary', async () => {
    const { cache } = makeCache()
    await cache.ready()
    const app = quietExpress()
    let requests = 0
    app.use((req, res, next) => {
      res.set({ 'X-Request-Id': String(++requests), Vary: 'Origin' })
      res.set('Access-Control-Allow-Origin', req.get('origin') ?? 'none')
      next()
    })
    app.get('/thing', cache.cacheable('cors', 60), (_req, res) => void res.json({}))
    const url = await serve(app)
    const first = await answerOf(`${url}/thing`, { headers: { origin: 'https://a.example' } })
    const second = await answerOf(`${url}/thing`, { headers: { origin: 'https://b.example' } })
    expect([first.xCache, second.xCache]).to.deep.equal(['MISS', 'HIT'])
    expect(second.headers.get('access-control-allow-origin')).to.equal('https://b.example')
    expect(second.headers.get('x-request-id')).to.equal('2')
  })

  it('counts every request once: hits, misses and bypasses are all of them', async () => {
    const { cache, events } = makeCache()
    await cache.ready()
    const app = quietExpress()
    app.get(
      '/:id',
      cache.cacheable('count:{id}', 60, { condition: (req) => req.params.id !== 'no' }),
      (req, res) => {
        if (req.params.id === 'bad') throw new Error('bad')
        res.json({})
      },
    )
    app.use((_error: unknown, _req: express.Request, res: express.Response, _next: express.NextFunction) => {
      res.status(500).end()
    })
    const url = await serve(app)
    const ids = ['1', '1', '1', '2', 'no', 'bad', 'no', '2']
    for (const id of ids) await answerOf(`${url}/${id}`)
    await Promise.all(['3', '3', '3'].map((id) => answerOf(`${url}/${id}`)))
    const stats = cache.stats()
    expect(stats.requests).to.equal(ids.length + 3)
    expect([stats.hits, stats.misses, stats.bypasses]).to.deep.equal([
      ofType('hit'),
      ofType('miss'),
      ofType('bypass'),
    ])
    expect(stats.bypasses).to.equal(2)
    expect(stats.hitRate).to.equal(`${((stats.hits / stats.total) * 100).toFixed(2)}%`)

    function ofType(type: string): number {
      return events.filter((event) => event.type === type).length
    }
  })

  it('says in Age and Cache-Status how old an answer is and how long it is fresh', async () => {
    const { cache } = makeCache()
    await cache.ready()
    await cache.set('aged', { a: 1 }, 40)
    const app = quietExpress()
    app.get('/thing', cache.cacheable('aged', 60), (_req, res) => void res.json({ a: 2 }))
    const url = await serve(app)
    const hit = await answerOf(`${url}/thing`)
    expect(hit.body.toString()).to.equal('{"a":1}')
    expect(Number(hit.headers.get('age'))).to.be.within(20, 25)
    expect(hit.headers.get('cache-status')).to.match(/^express-cacheable;hit;ttl=(3\d|40)$/)
  })

  it('answers as fresh what was set, put or warmed under the key of a rule with a grace period', async () => {
    const { cache } = makeCache()
    const app = quietExpress()
    app.get(
      '/rows/:id',
      cache.cacheable('row:{id}', 60, { staleIfError: 300 }),
      (_req, res) => void res.json({}),
    )
    app.put('/rows/:id', cache.put('row:{id}', 60), (_req, res) => void res.json({ put: true }))
    await cache.ready(app)
    const url = await serve(app)
    await cache.set('row:1', { set: true }, 60)
    await cache.warm({ key: 'row:{id}', ttl: 60, load: async () => [{ id: 2 }] })
    await fetch(`${url}/rows/3`, { method: 'PUT' })
    for (const id of [1, 2, 3]) {
      const hit = await answerOf(`${url}/rows/${id}`)
      expect(hit.xCache, `row ${id}`).to.equal('HIT')
      expect(hit.headers.get('cache-status')).to.match(/ttl=(59|60)$/)
    }
  })

  it('goes on when a listener throws', async () => {
    const { cache } = makeCache()
    cache.observe(() => {
      throw new Error('a mistake')
    })
    await cache.ready()
    const app = quietExpress()
    app.get('/thing', cache.cacheable('heard', 60), (_req, res) => void res.json({}))
    const url = await serve(app)
    const warned = once(process, 'warning')
    expect([(await answerOf(`${url}/thing`)).xCache, (await answerOf(`${url}/thing`)).xCache]).to.deep.equal([
      'MISS',
      'HIT',
    ])
    expect((await warned)[0]).to.include({ message: 'a mistake' })
  })

  it('reckons the age from what the answer itself allowed', async () => {
    const { answers } = await fetchTwice((_req, res) => void res.set('Cache-Control', 'max-age=5').json({}))
    expect(Number(answers[1]?.headers.get('age'))).to.be.lessThan(3)
  })

  it('gives what something behind makes of JSON, if it is JSON no more', async () => {
    const { answers } = await fetchTwice((_req, res) => {
      addTo(res, '{"b":2}')
      res.json({ a: 1 })
    })
    const bodies = answers.map(({ body }) => body.toString())
    expect(bodies).to.deep.equal(['{"a":1}{"b":2}', '{"a":1}{"b":2}'])
  })

  it('discards what is neither JSON nor a stored message, and loads anew', async () => {
    const { cache, events } = makeCache()
    await cache.ready()
    const app = quietExpress()
    app.get('/thing', cache.cacheable('garbage', 60), (_req, res) => void res.json({ good: true }))
    const url = await serve(app)
    await answerOf(`${url}/thing`)
    const redis = cache.redis as Redis | null
    if (redis) {
      const [key] = (await redis.keys('test-*:garbage')) as [string]
      await redis.set(key, '{"half":', 'EX', 60)
      const answer = await answerOf(`${url}/thing`)
      expect([answer.xCache, answer.body.toString()]).to.deep.equal(['MISS', '{"good":true}'])
      expect(events.map(({ type }) => type)).to.include('discard')
    }
    expect((await answerOf(`${url}/thing`)).xCache).to.equal('HIT')
  })
})

/** As middleware does that stands between a cache and its handler. */
function addTo(res: Response, text: string): void {
  const { send } = res
  res.send = (body) => send.call(res, typeof body === 'string' ? body + text : body)
}

/** By node:http, since `fetch` makes every conditional request one that asks not to be answered from a cache. */
async function conditionalGet(url: string, etag: string): Promise<object> {
  const { get } = await import('node:http')
  return new Promise((resolve, reject) => {
    get(url, { headers: { 'if-none-match': etag } }, (response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => {
        const { statusCode: status, headers } = response
        resolve({ status, body, xCache: headers['x-cache'], etag: headers.etag })
      })
    }).on('error', reject)
  })
}
