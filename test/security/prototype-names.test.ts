import { expect } from 'chai'
import type { RequestHandler } from 'express'
import express from 'express'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { quietExpress } from '../support/quiet-express.js'

/** All that an object has without having been given it. */
const NAMES = Object.getOwnPropertyNames(Object.prototype).filter((name) => /^\w+$/.test(name))

onEachStore('names that Object.prototype has', (makeCache) => {
  let server: Listening | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  async function serve(
    method: 'get' | 'post',
    path: string,
    key: string,
    handler: RequestHandler,
    parser?: unknown,
  ) {
    const { cache } = makeCache()
    const app = quietExpress()
    // As Express does by default, and as those do who want nested values.
    if (parser) app.set('query parser', parser)
    app.use(express.json())
    app[method](path, cache.cacheable(key, 60) as unknown as RequestHandler, handler)
    await cache.ready(app)
    await server?.close()
    server = await listen(app)
    const { url } = server
    return (target: string, init?: RequestInit) => answerOf(url + target, init)
  }

  for (const parser of ['simple', 'extended']) {
    it(`are values like others in a query (${parser})`, async () => {
      for (const name of NAMES) {
        const handler: RequestHandler = (req, res) => {
          res.json({ value: Object.hasOwn(req.query, name) ? req.query[name] : 'unfiltered' })
        }
        const ask = await serve('get', '/list', `list:{query.${name}|all}`, handler, parser)
        for (const value of [undefined, 'ferrari', 'porsche']) {
          const target = value === undefined ? '/list' : `/list?${name}=${value}`
          const answers = [await ask(target), await ask(target)]
          // qs leaves out the one name that would change an object's kind, and what a handler does not get is no value.
          const isGiven = parser === 'simple' || name !== '__proto__'
          const due = (isGiven && value) || 'unfiltered'
          for (const { text } of answers) expect([target, text]).to.deep.equal([target, `{"value":"${due}"}`])
          expect([target, answers[1]?.xCache]).to.deep.equal([target, 'HIT'])
        }
      }
    })
  }

  it('are values like others in a path', async () => {
    // No path of Express can have the other.
    for (const name of NAMES.filter((one) => one !== '__proto__')) {
      const handler: RequestHandler = (req, res) => void res.json({ value: req.params[name] })
      const ask = await serve('get', `/teams/:${name}`, `team:{${name}}`, handler)
      for (const value of ['ferrari', 'porsche']) {
        const answers = [await ask(`/teams/${value}`), await ask(`/teams/${value}`)]
        for (const { text } of answers) expect([name, text]).to.deep.equal([name, `{"value":"${value}"}`])
        expect([name, answers[1]?.xCache]).to.deep.equal([name, 'HIT'])
      }
    }
  })

  it('are values like others in a body', async () => {
    for (const name of NAMES) {
      const handler: RequestHandler = (req, res) => {
        res.json({ value: Object.hasOwn(req.body, name) ? req.body[name] : 'unfiltered' })
      }
      const ask = await serve('post', '/search', `search:{body.${name}|all}`, handler)
      for (const value of [undefined, 'ferrari', 'porsche']) {
        const body = value === undefined ? '{}' : `{"${name}":"${value}"}`
        const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } }
        const answers = [await ask('/search', init), await ask('/search', init)]
        for (const { text } of answers) {
          expect([body, text]).to.deep.equal([body, `{"value":"${value ?? 'unfiltered'}"}`])
        }
        expect([body, answers[1]?.xCache]).to.deep.equal([body, 'HIT'])
      }
    }
  })

  it('are no values where nobody has given them', async () => {
    const ask = await serve('get', '/list', 'list:{query.constructor}', (_req, res) => void res.json({}))
    expect((await ask('/list')).xCache).to.equal('BYPASS')
  })
})
