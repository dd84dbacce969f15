import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import type { Express, RequestHandler, Response } from 'express'
import { type CacheOptions, createCache } from 'express-cacheable'
import onHeaders from 'on-headers'
import { answerOf } from '../support/answer-of.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { gate } from '../support/gate.js'
import { type Listening, listen } from '../support/http.js'
import { openRaw, readToEnd, sendRaw } from '../support/raw-http.js'
import { recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

for (const { name, createApp } of EXPRESS_VERSIONS) {
  describe(`an answer that is recorded (${name})`, () => {
    const closing: (() => Promise<void>)[] = []
    afterEach(async () => {
      for (const close of closing.splice(0)) await close()
    })

    async function serve(
      mount: (app: Express, cache: ReturnType<typeof createCache>) => void,
      options: CacheOptions = {},
    ) {
      const logger = recordingLogger()
      const cache = createCache({ logger, ...options })
      const app = createApp()
      mount(app, cache)
      await cache.ready(app)
      const server: Listening = await listen(app)
      closing.push(
        () => server.close(),
        () => cache.close(),
      )
      const ask = (path = '/a', init?: RequestInit) => answerOf(server.url + path, init)
      const states = async (path = '/a') => [(await ask(path)).xCache, (await ask(path)).xCache]
      return { cache, logger, url: server.url, ask, states }
    }

    const setOnHead =
      (field: string, value: string): RequestHandler =>
      (_req, res, next) => {
        onHeaders(res, () => void res.setHeader(field, value))
        next()
      }
    const answer: RequestHandler = (_req, res) => void res.json({ a: 1 })

    for (const [field, value] of [
      ['Set-Cookie', 'sid=1'],
      ['Cache-Control', 'no-store'],
    ] as const) {
      it(`is not stored if a hook sets ${field}, behind the cache or in front`, async () => {
        const { states } = await serve((app, cache) => {
          app.get('/a', cache.cacheable('a', 60), setOnHead(field, value), answer)
          app.get('/b', setOnHead(field, value), cache.cacheable('b', 60), answer)
        })
        expect(await states('/a')).to.deep.equal(['MISS', 'MISS'])
        expect(await states('/b')).to.deep.equal(['MISS', 'MISS'])
      })
    }

    it('keeps what a hook behind the cache has set, and leaves what one in front sets to that', async () => {
      let asked = 0
      const { ask } = await serve((app, cache) => {
        app.use((_req, res, next) => {
          asked++
          onHeaders(res, () => void res.setHeader('X-Front', String(asked)))
          next()
        })
        app.get('/a', cache.cacheable('a', 60), setOnHead('X-Behind', 'kept'), answer)
      })
      await ask()
      const { xCache, headers } = await ask()
      expect([xCache, headers.get('x-behind'), headers.get('x-front')]).to.deep.equal(['HIT', 'kept', '2'])
    })

    it('is stored in spite of cookies that are harmless, and without them', async () => {
      const { ask } = await serve(
        (app, cache) => {
          app.use(setOnHead('Set-Cookie', 'sid=1; Path=/'))
          app.get('/a', cache.cacheable('a', 60), answer)
          app.get('/b', cache.cacheable('b', 60), (_req, res) => void res.cookie('sid', '2').json({}))
          app.get(
            '/c',
            cache.cacheable('c', 60),
            (_req, res) => void res.append('Set-Cookie', 'user=7').json({}),
          )
        },
        { harmlessCookies: ['sid'] },
      )
      for (const path of ['/a', '/b']) await ask(path)
      expect((await ask('/a')).xCache).to.equal('HIT')
      const { xCache, headers } = await ask('/b')
      expect([xCache, headers.get('set-cookie')]).to.deep.equal(['HIT', 'sid=1; Path=/'])
      await ask('/c')
    })

    it('is stored in spite of what tells clients alone, unless the route says it', async () => {
      const { states, ask } = await serve(
        (app, cache) => {
          app.use((_req, res, next) => {
            res.set({ 'Cache-Control': 'no-store', Pragma: 'no-cache', Expires: '0' })
            next()
          })
          app.get('/a', cache.cacheable('a', 60), answer)
          app.get(
            '/b',
            cache.cacheable('b', 60),
            (_req, res) => void res.set('Cache-Control', 'private').json({}),
          )
        },
        { clientHeaders: ['Cache-Control', 'expires'] },
      )
      expect(await states('/a')).to.deep.equal(['MISS', 'HIT'])
      expect((await ask('/a')).headers.get('cache-control')).to.equal('no-store')
      expect(await states('/b')).to.deep.equal(['MISS', 'MISS'])
    })

    for (const chunk of [5, {}]) {
      it(`is not what Node refuses: end(${JSON.stringify(chunk)})`, async () => {
        const { ask } = await serve((app, cache) => {
          app.get('/a', cache.cacheable('a', 60), (_req, res) => void res.end(chunk))
        })
        for (let turn = 0; turn < 2; turn++) {
          const { status, xCache } = await ask()
          expect([status, xCache]).to.deep.equal([500, 'MISS'])
        }
      })
    }

    it('is no answer whose status message cannot be sent', async () => {
      const { ask } = await serve((app, cache) => {
        app.get('/a', cache.cacheable('a', 60), (_req, res) => {
          if (!res.headersSent) res.statusMessage = 'gel\u00f6scht \u2713'
          res.end('x')
        })
      })
      await ask().catch(() => {})
      expect((await ask().catch(() => ({ xCache: 'none' }))).xCache).not.to.equal('HIT')
    })

    it('is a hit where something old has wrapped writeHead and returns nothing', async () => {
      const { states } = await serve((app, cache) => {
        app.use((_req, res, next) => {
          const { writeHead } = res
          res.writeHead = function hook(this: Response, ...args: unknown[]) {
            Reflect.apply(writeHead, this, args)
          } as unknown as typeof writeHead
          next()
        })
        app.get('/a', cache.cacheable('a', 60), answer)
      })
      expect(await states()).to.deep.equal(['MISS', 'HIT'])
    })

    it('keeps nobody waiting for an event stream, nor for a head that forbids to store', async () => {
      for (const head of [
        { 'Content-Type': 'text/event-stream' },
        { 'Content-Type': 'text/plain', 'Cache-Control': 'no-cache' },
      ]) {
        const open = gate()
        let calls = 0
        const { url } = await serve((app, cache) => {
          app.get('/a', cache.cacheable('a', 60), async (_req, res) => {
            calls++
            res.writeHead(200, head)
            res.write('data: 1\n\n')
            await open.wait
            res.end()
          })
        })
        const clients = [await openRaw(url, { target: '/a' }), await openRaw(url, { target: '/a' })]
        await until('both to be served', () => calls === 2)
        open.open()
        const bodies = await Promise.all(clients.map(readToEnd))
        for (const body of bodies) expect(body.toString()).to.include('data: 1')
      }
    })

    it('is complete long before a client that does not read has it', async () => {
      const size = 900_000
      let calls = 0
      const { url, ask } = await serve((app, cache) => {
        app.get('/a', cache.cacheable('a', 60), async (_req, res) => {
          calls++
          for (let sent = 0; sent < size; sent += 100_000) {
            if (!res.write(Buffer.alloc(100_000))) await new Promise((resolve) => res.once('drain', resolve))
          }
          res.end()
        })
      })
      const slow = await openRaw(url, { target: '/a' })
      slow.pause()
      await until('the first load', () => calls === 1)
      expect((await ask()).text).to.have.lengthOf(size)
      expect(calls).to.equal(1)
      slow.destroy()
    })

    it('is JSON in the store where middleware in front has said so', async () => {
      const { cache, ask } = await serve((app, own) => {
        app.use((_req, res, next) => {
          res.set('Content-Type', 'application/json')
          next()
        })
        app.get('/a', own.cacheable('a', 60, { mark: 'cached' }), answer)
      })
      await ask()
      expect(await cache.get('a')).to.deep.equal({ a: 1 })
      expect((await ask()).text).to.equal('{"a":1,"cached":true}')
    })

    it('has the language of its own body, and warns once where another was wanted', async () => {
      const { logger, ask } = await serve((app, cache) => {
        app.use((req, res, next) => {
          res.set('Content-Language', String(req.query.lang))
          next()
        })
        app.get('/a', cache.cacheable('a', 60), (req, res) => void res.send(`in ${req.query.lang}`))
      })
      await ask('/a?lang=de')
      for (let turn = 0; turn < 2; turn++) {
        const { xCache, headers, text } = await ask('/a?lang=fr')
        expect([xCache, headers.get('content-language'), text]).to.deep.equal(['HIT', 'de', 'in de'])
      }
      expect(
        logger.at('warn').filter((line) => line.includes('one Content-Language for another')),
      ).to.have.lengthOf(1)
    })

    it('is not stored with a nonce in its body, and warns once', async () => {
      let nonce = 0
      const { logger, states } = await serve((app, cache) => {
        app.use((_req, res, next) => {
          res.locals.nonce = `n${++nonce}x`
          res.set('Content-Security-Policy', `script-src 'nonce-${res.locals.nonce}'`)
          next()
        })
        app.get(
          '/a',
          cache.cacheable('a', 60),
          (_req, res) => void res.send(`<script nonce="${res.locals.nonce}">`),
        )
        app.get('/b', cache.cacheable('b', 60), answer)
      })
      expect(await states('/a')).to.deep.equal(['MISS', 'MISS'])
      expect(await states('/b')).to.deep.equal(['MISS', 'HIT'])
      expect(logger.at('warn').filter((line) => line.includes('nonce'))).to.have.lengthOf(1)
    })

    it('is stored as it is with no-transform', async () => {
      const text = 'a'.repeat(5_000)
      const { url } = await serve((app, cache) => {
        app.get('/a', cache.cacheable('a', 60, { compress: true }), (_req, res) => {
          res.set('Cache-Control', 'no-transform').type('text').send(text)
        })
      })
      const headers = { 'Accept-Encoding': 'br' }
      await sendRaw(url, { target: '/a', headers })
      await sleep(20)
      const hit = await sendRaw(url, { target: '/a', headers })
      expect([hit.header('x-cache'), hit.header('content-encoding'), hit.text]).to.deep.equal([
        'HIT',
        undefined,
        text,
      ])
    })

    it('has no Content-Length as a 204, and is stored as a redirect', async () => {
      const { url } = await serve((app, cache) => {
        app.get(
          '/a',
          cache.cacheable('a', 60, { statuses: [204] }),
          (_req, res) => void res.status(204).end(),
        )
        app.get('/b', cache.cacheable('b', 60, { statuses: [301] }), (_req, res) => res.redirect(301, '/a'))
      })
      for (const target of ['/a', '/b']) await sendRaw(url, { target })
      const [empty, redirect] = [await sendRaw(url, { target: '/a' }), await sendRaw(url, { target: '/b' })]
      expect([empty.header('x-cache'), empty.header('content-length')]).to.deep.equal(['HIT', undefined])
      expect([redirect.status, redirect.header('x-cache'), redirect.header('location')]).to.deep.equal([
        301,
        'HIT',
        '/a',
      ])
    })

    it('is not touched if it has been given in front', async () => {
      const { ask, cache } = await serve((app, own) => {
        app.use((_req, res, next) => {
          res.end('in front')
          next()
        })
        app.get('/a', own.cacheable('a', 60), (_req, res) => void (res.headersSent || res.end('late')))
        app.put('/a', own.evict('a'), (_req, res) => void (res.headersSent || res.end('late')))
      })
      for (const method of ['GET', 'PUT']) {
        const { status, text } = await ask('/a', { method })
        expect([status, text]).to.deep.equal([200, 'in front'])
      }
      expect(cache.stats().bypasses).to.equal(1)
    })

    it('gives a 304 nothing that describes a body', async () => {
      const { url } = await serve((app, cache) => {
        app.get(
          '/a',
          cache.cacheable('a', 60),
          (_req, res) => void res.set('Content-Language', 'de').json({ a: 1 }),
        )
      })
      const etag = (await sendRaw(url, { target: '/a' })).header('etag') as string
      const again = await sendRaw(url, { target: '/a', headers: { 'If-None-Match': etag } })
      expect([again.status, again.header('content-language'), again.header('content-type')]).to.deep.equal([
        ...[304, undefined, undefined],
      ])
    })

    it('keeps a header whose text is undefined', async () => {
      const { ask } = await serve((app, cache) => {
        app.get('/a', cache.cacheable('a', 60), (_req, res) => void res.set('X-A', 'undefined').json({}))
      })
      await ask()
      expect((await ask()).headers.get('x-a')).to.equal('undefined')
    })

    it('is recorded by what Node says where a plugin has redefined headersSent', async () => {
      const { states } = await serve((app, cache) => {
        app.use((_req, res, next) => {
          Object.defineProperty(res, 'headersSent', { get: () => true })
          next()
        })
        app.get('/a', cache.cacheable('a', 60), answer)
      })
      expect(await states()).to.deep.equal(['MISS', 'HIT'])
    })

    it('goes on with the server as its front', async () => {
      const cache = createCache({ logger: recordingLogger() })
      closing.push(() => cache.close())
      const seen: unknown[] = []
      const server = await listen(
        cache.front(function app(this: unknown, _req, res) {
          seen.push(this)
          res.end()
        }),
      )
      closing.push(() => server.close())
      await answerOf(`${server.url}/`)
      expect(seen[0]).to.have.property('keepAliveTimeout')
    })
  })
}
