import { expect } from 'chai'
import express, { type Express, type RequestHandler } from 'express'
import { type Answer, answerOf } from '../support/answer-of.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { type ObservedCache, onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'
import { until } from '../support/until.js'

onEachStore('a route that writes', (makeCache) => {
  const listen = serversOfSuite()

  /** Rows with versions, read through the cache and written past it. */
  async function rowsApp(define: (app: Express, observed: ObservedCache, rows: Map<string, number>) => void) {
    const observed = makeCache()
    const rows = new Map<string, number>()
    const app = quietExpress().use(express.json())
    app.get('/rows/:id', observed.cache.cacheable('row:{id}', 60), (req, res) => {
      res.json({ id: req.params.id, version: rows.get(req.params.id) ?? 0 })
    })
    app.get('/lists/:page/:filter', observed.cache.cacheable('rows:{page}:{filter}', 60), (req, res) => {
      res.json({ page: req.params.page, rows: rows.size })
    })
    define(app, observed, rows)
    await observed.cache.ready(app)
    const url = await listen(app)
    return {
      ...observed,
      rows,
      ask: (path: string, init?: RequestInit): Promise<Answer> => answerOf(url + path, init),
      state: async (...paths: string[]) => {
        const states = []
        for (const path of paths) states.push((await answerOf(url + path)).xCache)
        return states
      },
    }
  }

  const bump =
    (rows: Map<string, number>, status = 200): RequestHandler<{ id: string }> =>
    (req, res) => {
      rows.set(req.params.id, (rows.get(req.params.id) ?? 0) + 1)
      res.status(status).json({ id: req.params.id, version: rows.get(req.params.id) })
    }

  it('shows the write to whoever holds its answer', async () => {
    const { ask, events } = await rowsApp((app, { cache }, rows) => {
      app.put('/rows/:id', cache.evict('row:{id}'), bump(rows))
    })
    for (let version = 0; version < 5; version++) {
      expect(JSON.parse((await ask('/rows/1')).text)).to.deep.equal({ id: '1', version })
      expect((await ask('/rows/1')).xCache).to.equal('HIT')
      expect((await ask('/rows/1', { method: 'PUT' })).status).to.equal(200)
    }
    expect(events.filter(({ type }) => type === 'evict')).to.have.lengthOf(5)
  })

  it('lets nothing of the answer leave before the eviction is acknowledged', async () => {
    const { cache, ask, events } = await rowsApp((app, observed, rows) => {
      app.put('/rows/:id', observed.cache.evict('row:{id}'), (req, res) => {
        bump(rows)
        res.writeHead(200, { 'Content-Type': 'text/plain' })
        res.flushHeaders()
        res.write('first ')
        res.write(`second ${req.params.id}`)
        res.end()
      })
    })
    await ask('/rows/1')
    // The answer leaves before its fill is acknowledged, and what comes of that is no part of the story.
    await until('the fill', async () => events.some(({ type }) => type === 'fill'))
    const seen: string[] = []
    cache.observe(({ type }) => seen.push(type))
    const answer = await ask('/rows/1', { method: 'PUT' })
    seen.push('answer')
    expect(answer.text).to.equal('first second 1')
    expect(answer.headers.get('content-type')).to.equal('text/plain')
    expect(seen).to.deep.equal(['evict', 'answer'])
    expect(events.at(-1)).to.deep.include({ type: 'evict', removed: 1, targets: ['row:1'] })
  })

  it('evicts nothing when the write fails', async () => {
    const { ask, state, events } = await rowsApp((app, { cache }) => {
      app.put('/rows/:id', cache.evict('row:{id}'), (req) => {
        throw Object.assign(new Error('refused'), { status: Number(req.params.id) })
      })
      app.patch(
        '/rows/:id',
        cache.evict('row:{id}'),
        (req, res) => void res.status(Number(req.params.id)).json({}),
      )
    })
    for (const id of ['400', '404', '500']) {
      await ask(`/rows/${id}`)
      for (const method of ['PUT', 'PATCH']) {
        expect((await ask(`/rows/${id}`, { method })).status).to.equal(Number(id))
      }
      expect(await state(`/rows/${id}`)).to.deep.equal(['HIT'])
    }
    expect(events.filter(({ type }) => type === 'evict')).to.deep.equal([])
  })

  it('removes what a pattern covers and leaves the rest', async () => {
    const { ask, state } = await rowsApp((app, { cache }, rows) => {
      app.put('/rows/:id', cache.evict(['row:{id}', 'rows:{query.page}:*']), bump(rows))
    })
    const paths = ['/rows/1', '/rows/10', '/lists/1/a', '/lists/1/b', '/lists/10/a', '/lists/*/a']
    await state(...paths)
    await ask('/rows/1?page=1', { method: 'PUT' })
    expect(await state(...paths)).to.deep.equal(['MISS', 'HIT', 'MISS', 'MISS', 'HIT', 'HIT'])
    // A value of the request never is a wildcard.
    await ask('/rows/5?page=*', { method: 'PUT' })
    expect(await state(...paths)).to.deep.equal(['HIT', 'HIT', 'HIT', 'HIT', 'HIT', 'MISS'])
    // No value widens to all.
    await ask('/rows/5', { method: 'PUT' })
    expect(await state(...paths)).to.deep.equal(['HIT', 'HIT', 'MISS', 'MISS', 'MISS', 'MISS'])
  })

  it('takes placeholders from the JSON answer', async () => {
    const { ask, state } = await rowsApp((app, { cache }) => {
      app.post(
        '/rows',
        cache.evict('row:{result.row.id}'),
        (_req, res) => void res.status(201).json({ row: { id: 7 } }),
      )
    })
    await state('/rows/7', '/rows/8')
    await ask('/rows', { method: 'POST' })
    expect(await state('/rows/7', '/rows/8')).to.deep.equal(['MISS', 'HIT'])
  })

  it('evicts before the handler as well if asked to, and even if the write fails', async () => {
    const { ask, state } = await rowsApp((app, { cache }) => {
      app.put('/rows/:id', cache.evict('row:{id}', { before: true }), (_req, res) => void res.sendStatus(500))
    })
    await state('/rows/1')
    await ask('/rows/1', { method: 'PUT' })
    expect(await state('/rows/1')).to.deep.equal(['MISS'])
  })

  it('leaves the cache alone where the condition says no', async () => {
    const { ask, state } = await rowsApp((app, { cache }, rows) => {
      app.put(
        '/rows/:id',
        cache.evict('row:{id}', { condition: (req) => req.query.dry === undefined }),
        bump(rows),
      )
    })
    await state('/rows/1')
    await ask('/rows/1?dry=1', { method: 'PUT' })
    expect(await state('/rows/1')).to.deep.equal(['HIT'])
    await ask('/rows/1', { method: 'PUT' })
    expect(await state('/rows/1')).to.deep.equal(['MISS'])
  })

  it('evicts when the condition throws: too much is safe', async () => {
    const { ask, state } = await rowsApp((app, { cache }, rows) => {
      const condition = (): boolean => {
        throw new Error('a mistake')
      }
      app.put('/rows/:id', cache.evict('row:{id}', { condition }), bump(rows))
    })
    await state('/rows/1')
    expect((await ask('/rows/1', { method: 'PUT' })).status).to.equal(200)
    expect(await state('/rows/1')).to.deep.equal(['MISS'])
  })

  it('evicts also where lookups and fills are switched off, since others may go on using the store', async () => {
    const { cache, events } = makeCache({ enabled: 'evictions' })
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 60), (_req, res) => void res.json({}))
    app.put('/rows/:id', cache.evict('row:{id}'), cache.put('row:{id}', 60), (_req, res) => void res.json({}))
    await cache.ready(app)
    const url = await listen(app)
    await cache.set('row:1', { old: true })
    expect((await answerOf(`${url}/rows/1`)).xCache).to.equal('BYPASS')
    await answerOf(`${url}/rows/1`, { method: 'PUT' })
    expect(await cache.get('row:1')).to.equal(null)
    expect(events.filter(({ type }) => type === 'put')).to.deep.equal([])
  })

  it('evicts where a put may not store: the old entry is old all the same', async () => {
    const { ask, state } = await rowsApp((app, { cache }, rows) => {
      app.put('/rows/:id', cache.put('row:{id}', 60, { condition: () => false }), bump(rows))
      app.patch('/rows/:id', cache.put('row:{id}', 60, { unless: () => true }), bump(rows))
    })
    for (const method of ['PUT', 'PATCH']) {
      await state('/rows/1')
      await ask('/rows/1', { method })
      expect(await state('/rows/1')).to.deep.equal(['MISS'])
    }
  })

  it('does not answer a second time what a 404 handler at the end would', async () => {
    const { ask } = await rowsApp((app, { cache }) => {
      app.put('/rows/:id', cache.evict('row:{id}'), (_req, res, next) => {
        res.status(202).json({ done: true })
        next()
      })
      app.use((_req, res) => {
        if (!res.headersSent) res.status(404).json({ error: 'not found' })
      })
    })
    const answer = await ask('/rows/1', { method: 'PUT' })
    expect([answer.status, answer.text]).to.deep.equal([202, '{"done":true}'])
  })

  it('sends an answer of any size whole, and evicts for it', async () => {
    const { ask, state } = await rowsApp((app, { cache }) => {
      app.put('/rows/:id', cache.evict('row:{id}'), (_req, res) => {
        for (let piece = 0; piece < 40; piece++) res.write(Buffer.alloc(100_000, 65 + (piece % 26)))
        res.end()
      })
    })
    await state('/rows/1')
    const { body } = await ask('/rows/1', { method: 'PUT' })
    expect(body.length).to.equal(4_000_000)
    expect(body.subarray(3_900_000, 3_900_001).toString()).to.equal('N')
    expect(await state('/rows/1')).to.deep.equal(['MISS'])
  })

  it("makes a write's answer the entry", async () => {
    const { ask } = await rowsApp((app, { cache }, rows) => {
      app.put('/rows/:id', cache.put('row:{result.id}', 60), bump(rows, 201))
    })
    await ask('/rows/1')
    await ask('/rows/1', { method: 'PUT' })
    const read = await ask('/rows/1')
    expect([read.status, read.xCache, read.text]).to.deep.equal([200, 'HIT', '{"id":"1","version":1}'])
  })

  it('evicts instead when another write was faster, so the older answer never stays', async () => {
    const slow = gate()
    const arrived = gate()
    const { ask } = await rowsApp((app, { cache }, rows) => {
      app.put('/rows/:id', cache.put('row:{id}', 60), async (req, res) => {
        const version = (rows.get(req.params.id) ?? 0) + 1
        rows.set(req.params.id, version)
        if (req.query.slow !== undefined) {
          arrived.open()
          await slow.wait
        }
        res.json({ id: req.params.id, version })
      })
    })
    const older = ask('/rows/1?slow', { method: 'PUT' })
    await arrived.wait
    await ask('/rows/1', { method: 'PUT' })
    slow.open()
    expect((await older).text).to.equal('{"id":"1","version":1}')
    expect((await ask('/rows/1')).text).to.equal('{"id":"1","version":2}')
  })
})
