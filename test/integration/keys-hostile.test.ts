import { randomInt } from 'node:crypto'
import { expect } from 'chai'
import express, { type Express, type Request } from 'express'
import type { Cache } from 'express-cacheable'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { type RawAnswer, sendRaw } from '../support/raw-http.js'

/** Path segments that try to be something else than the value of `:id`. */
const NASTY_IDS = [
  ...['1', '10', '01', '1.0', '1e0', '-1', '%31', '1%20', '%201', '+1', 'A', 'a', '%41'],
  ...['%2F', 'a%2Fb', '%252F', '..%2F..', '%2e%2e', 'a;b=c', ';a=b', ';', '1;jsessionid=2', 'a=b&c=d'],
  ...[
    '%3A',
    '1:2',
    '1%3A2',
    '1%253A2',
    '*',
    '%2A',
    '1*',
    '**',
    '%3F',
    '%5B',
    '[1]',
    '%5Ba-c%5D',
    '%5C',
    '\\',
  ],
  ...[
    '%23',
    '1%23lang=de',
    '|',
    '%7C',
    '{}',
    '%7Bid%7D',
    '{id}',
    '$1',
    '%00',
    '1%00',
    '%0D%0A',
    '%25',
    '%2525',
  ],
  ...[
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'toString',
    'undefined',
    'null',
    'NaN',
    'true',
    '[object Object]',
  ],
  ...[
    'caf%C3%A9',
    'cafe%CC%81',
    '%F0%9F%92%B6',
    '%E2%80%AE',
    '%EF%BF%BD',
    '%C2%A0',
    "'",
    '%22',
    '<',
    '!',
    '~',
    '@',
    '(1)',
    ',',
    '1,2',
  ],
]

/** Query strings that try to be another's `q`. */
const NASTY_QUERIES = [
  ...[
    'q=1',
    'q=10',
    'q=%31',
    'q=+1',
    'q=1+',
    'q=1%20',
    'q=',
    'q',
    '',
    'Q=1',
    'x=1',
    'q%5B%5D=1',
    'q[]=1',
    'q[]=1&q[]=2',
  ],
  ...[
    'q=1&q=1',
    'q=1&q=2',
    'q=1,2',
    'q[0]=1',
    'q[$ne]=1',
    'q[a]=1',
    'q[toString]=1',
    'q[__proto__]=1',
    'q.a=1',
  ],
  ...[
    '__proto__=1',
    '__proto__[q]=1',
    'constructor[prototype][q]=1',
    'hasOwnProperty=1',
    'hasOwnProperty=1&q=2',
  ],
  ...[
    'q=__proto__',
    'q=constructor',
    'q=undefined',
    'q=null',
    'q=*',
    'q=%2A',
    'q=1*',
    'q=%3F',
    'q=[1]',
    'q=:',
    'q=1:2',
  ],
  ...[
    'q=%3A',
    'q=%253A',
    'q=1%23',
    'q=|',
    'q={}',
    'q={query.q}',
    'q=%00',
    'q=caf%C3%A9',
    'q=cafe%CC%81',
    'q=%FF',
  ],
  ...[
    'q=%',
    'q=%ED%A0%80',
    'q=a%26q=b',
    'q=a;q=b',
    'q=%0A',
    `q=${'x'.repeat(1_000)}`,
    `q=${'x'.repeat(1_001)}`,
  ],
]

onEachStore('hostile requests', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    for (const parser of ['simple', 'extended']) {
      describe(`${name}, query parser ${parser}`, () => {
        const listen = serversOfSuite()

        /** An application that answers what it was asked, cached or not. */
        async function serve(cache: Cache): Promise<string> {
          const app = createApp().set('query parser', parser)
          app.get('/path/:id', cache.cacheable('path:{id}', 60), (req, res) => {
            res.json({ id: req.params.id })
          })
          app.get('/query', cache.cacheable('query:{query.q}', 60), (req, res) => {
            res.json({ q: req.query.q, type: typeof req.query.q })
          })
          app.get('/both/:id', cache.cacheable('both:{id}:{query.q}', 60), (req, res) => {
            res.json({ id: req.params.id, q: req.query.q })
          })
          app.delete('/path/:id', cache.evict('path:{id}'), (_req, res) => void res.sendStatus(204))
          app.delete('/query', cache.evict('query:{query.q}'), (_req, res) => void res.sendStatus(204))
          app.delete('/both/:id', cache.evict('both:{id}:{query.q}'), (_req, res) => void res.sendStatus(204))
          await cache.ready(app)
          return listen(app)
        }

        async function serveBoth() {
          const { cache, events } = makeCache()
          const { cache: none } = makeCache({ enabled: false })
          return { cached: await serve(cache), plain: await serve(none), cache, events }
        }

        const targets = [
          ...NASTY_IDS.map((id) => `/path/${id}`),
          ...NASTY_IDS.map((id) => `/both/${id}?q=1`),
          ...NASTY_QUERIES.map((query) => `/query?${query}`),
          ...NASTY_QUERIES.map((query) => `/both/1?${query}`),
          // The same values on the other side of the separator.
          ...[
            '/both/1:2?q=3',
            '/both/1?q=2:3',
            '/both/1%3A2?q=3',
            '/both/1?q=2%3A3',
            '/both/a%2Fb?q=c',
            '/both/a?q=b%2Fc',
          ],
          // Express is lax about these; what the handler sees is the same.
          ...[
            '/PATH/1',
            '/path/1/',
            '/Path/A/',
            '/QUERY?q=1',
            '/query/?q=1',
            '/path//1',
            '//path/1',
            '/path/./1',
          ],
        ]

        it(`get from the cache what they would get without it, ${targets.length} of them, twice`, async () => {
          const seed = randomInt(2 ** 31)
          const { cached, plain } = await serveBoth()
          const expected = new Map<string, RawAnswer>()
          for (const target of targets) expected.set(target, await sendRaw(plain, { target }))
          let hits = 0
          for (const target of shuffled([...targets, ...targets], seed)) {
            const answer = await sendRaw(cached, { target })
            const about = `${target} with seed ${seed}`
            expect(answer.text, about).to.equal(expected.get(target)?.text)
            expect(answer.status, about).to.equal(expected.get(target)?.status)
            if (answer.header('x-cache') === 'HIT') hits++
          }
          expect(hits).to.be.greaterThan(targets.length / 2)
        })

        it('remove with an eviction the entries of their own value, and no other', async () => {
          const seed = randomInt(2 ** 31)
          const { cached, cache, events } = await serveBoth()
          const keyOf = async (target: string): Promise<string | null> => {
            const before = events.length
            await sendRaw(cached, { target })
            for (const event of events.slice(before)) {
              if ((event.type === 'miss' || event.type === 'hit') && event.key) return event.key
            }
            return null
          }
          const keys = new Map<string, string>()
          for (const target of targets) {
            const key = await keyOf(target)
            if (key) keys.set(target, key)
          }
          const held = new Set(await present(keys.values()))
          expect(held.size).to.be.greaterThan(60)

          for (const target of shuffled([...keys.keys()], seed)) {
            const key = keys.get(target) as string
            const wasHeld = held.delete(key)
            const deletion = await sendRaw(cached, { method: 'DELETE', target })
            expect(deletion.status).to.equal(204)
            const last = events.findLast(({ type }) => type === 'evict')
            expect(last, `${target} with seed ${seed}`).to.deep.include({
              targets: [key],
              removed: wasHeld ? 1 : 0,
            })
          }
          expect(held.size).to.equal(0)

          async function present(wanted: Iterable<string>): Promise<string[]> {
            const found = await Promise.all(
              [...wanted].map(async (key) => [key, await cache.get(key)] as const),
            )
            return found.flatMap(([key, value]) => (value === null ? [] : [key]))
          }
        })
      })
    }

    describe(name, () => {
      const listen = serversOfSuite()

      async function serve(define: (app: Express, cache: Cache) => void): Promise<string> {
        const { cache } = makeCache()
        const app = createApp()
        define(app, cache)
        await cache.ready(app)
        return listen(app)
      }

      const pathApp = () =>
        serve((app, cache) => {
          app.get('/path/:id', cache.cacheable('path:{id}', 60), (req, res) => void res.json(req.params))
        })

      it('share an entry where Express gives the handler the same: case and trailing slash of the path', async () => {
        const url = await pathApp()
        const xCaches: unknown[] = []
        for (const target of ['/path/a', '/PATH/a', '/path/a/', '/path/%61', '/path/A']) {
          xCaches.push((await sendRaw(url, { target })).header('x-cache'))
        }
        expect(xCaches).to.deep.equal(['MISS', 'HIT', 'HIT', 'HIT', 'MISS'])
      })

      it('are told apart where one letter has two spellings in Unicode', async () => {
        const url = await pathApp()
        const answers = []
        for (const id of ['caf%C3%A9', 'cafe%CC%81', 'caf%C3%A9']) {
          answers.push(await sendRaw(url, { target: `/path/${id}` }))
        }
        expect(answers.map((answer) => answer.header('x-cache'))).to.deep.equal(['MISS', 'MISS', 'HIT'])
      })

      it('are refused by Express before the cache where their escapes make no text', async () => {
        const url = await pathApp()
        for (const id of ['%', '%zz', '%FF', '%ED%A0%80', '%C0%80']) {
          const answer = await sendRaw(url, { target: `/path/${id}` })
          expect([answer.status, answer.header('x-cache')], id).to.deep.equal([400, undefined])
        }
      })

      it('bypass with a value that no key can hold, however it arrives', async () => {
        const url = await serve((app, cache) => {
          app.use(express.json({ limit: '1mb' }))
          app.get('/path/:id', cache.cacheable('path:{id}', 60), (req, res) => void res.json(req.params))
          app.post('/search', cache.cacheable('search:{body.q}', 60), (req: Request, res) => {
            res.json({ type: typeof req.body.q, length: req.body.q?.length })
          })
        })
        const long = await sendRaw(url, { target: `/path/${'x'.repeat(8_000)}` })
        expect([long.status, long.header('x-cache')]).to.deep.equal([200, 'BYPASS'])
        // Node's own limit.
        expect((await sendRaw(url, { target: `/path/${'x'.repeat(100_000)}` })).status).to.equal(431)

        const values = ['x'.repeat(100_000), '\ud800', '', ['a'], { $ne: 1 }, null]
        for (const q of values) {
          const body = Buffer.from(JSON.stringify({ q })).toString('latin1')
          const answer = await sendRaw(url, {
            method: 'POST',
            target: '/search',
            headers: { 'Content-Type': 'application/json', 'Content-Length': String(body.length) },
            body,
          })
          expect([answer.status, answer.header('x-cache')], body.slice(0, 40)).to.deep.equal([200, 'BYPASS'])
        }
      })

      it('are told apart in a body as they are in a path', async () => {
        const url = await serve((app, cache) => {
          app.use(express.json())
          app.post('/search', cache.cacheable('search:{body.q}', 60), (req, res) => void res.json(req.body.q))
        })
        const answers = []
        for (const q of ['a*', 'a', '*', '%2A']) {
          const body = JSON.stringify({ q })
          const headers = { 'Content-Type': 'application/json', 'Content-Length': String(body.length) }
          answers.push(await sendRaw(url, { method: 'POST', target: '/search', headers, body }))
        }
        expect(answers.map(({ text }) => JSON.parse(text))).to.deep.equal(['a*', 'a', '*', '%2A'])
        expect(answers.map((answer) => answer.header('x-cache'))).to.deep.equal(Array(4).fill('MISS'))
      })
    })
  }
})

/** The same order for the same seed. */
function shuffled<Item>(items: readonly Item[], seed: number): Item[] {
  const result = [...items]
  let state = seed
  for (let last = result.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    const other = state % (last + 1)
    const kept = result[last] as Item
    result[last] = result[other] as Item
    result[other] = kept
  }
  return result
}
