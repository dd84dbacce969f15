import { expect } from 'chai'
import type { RequestHandler } from 'express'
import { answerOf } from '../support/answer-of.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { type Listening, listen } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'

/** In Express 5 the value of a wildcard is a list of segments, in Express 4 a text. */
onEachStore('a wildcard in a path', (makeCache) => {
  let server: Listening | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  for (const { name, createApp } of EXPRESS_VERSIONS) {
    const is5 = name.includes('5')
    const [path, key] = is5 ? ['/files/*path', 'file:{path}'] : ['/files/:path(*)', 'file:{path}']

    async function serve(keyOf = key) {
      const { cache } = makeCache()
      const app = createApp()
      let loads = 0
      app.get(
        path,
        cache.cacheable(keyOf, 60) as unknown as RequestHandler,
        (req: { params: object }, res: { json(body: unknown): void }) => {
          loads += 1
          res.json({ path: (req.params as { path: unknown }).path })
        },
      )
      app.put(
        path,
        cache.evict(keyOf) as unknown as RequestHandler,
        (_req: unknown, res: { json(body: unknown): void }) => {
          res.json({})
        },
      )
      await cache.ready(app)
      server = await listen(app)
      const { url } = server
      return {
        loads: () => loads,
        ask: (target: string, init?: RequestInit) => answerOf(url + target, init),
      }
    }

    it(`gives each path an entry of its own (${name})`, async () => {
      const { ask } = await serve()
      const targets = [
        'a',
        'a/b',
        'a%2Fb',
        'a,b',
        'a%2Cb',
        'a:b',
        'a/b/c',
        'a%2Fb/c',
        'a/b%2Fc',
        '*',
        'a//b',
        '%25',
        'a%252Fb',
      ]
      const answers = new Map<string, string>()
      for (const target of targets) answers.set(target, (await ask(`/files/${target}`)).text)
      for (const target of targets) {
        const { text, xCache } = await ask(`/files/${target}`)
        expect([target, text]).to.deep.equal([target, answers.get(target)])
        // Where the value has an empty part, there may be no key.
        if (target !== 'a//b') expect([target, xCache]).to.deep.equal([target, 'HIT'])
      }
    })

    it(`is evicted by its own path alone (${name})`, async () => {
      const { ask } = await serve()
      for (const target of ['a/b', 'a', 'a/b/c']) await ask(`/files/${target}`)
      await ask('/files/a/b', { method: 'PUT' })
      expect((await ask('/files/a')).xCache).to.equal('HIT')
      expect((await ask('/files/a/b/c')).xCache).to.equal('HIT')
      expect((await ask('/files/a/b')).xCache).to.equal('MISS')
    })

    it(`has no value where it is longer than a key (${name})`, async () => {
      const { ask } = await serve()
      expect((await ask(`/files/${'a/'.repeat(1_000)}b`)).xCache).to.equal('BYPASS')
    })
  }
})
