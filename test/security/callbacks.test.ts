import { expect } from 'chai'
import { type Cache, CacheError, type CacheEvent, createCache } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type Listening, listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { recordingLogger } from '../support/recording-logger.js'
import { startVictim } from './victim.js'
import type { Mistake } from './victim-process.js'

const IN_FRONT: readonly Mistake[] = [
  'onFrontHit throws',
  'onFrontHit decodes the URL',
  'onFrontHit rejects',
  'the logger throws',
  'the logger rejects',
  'a listener throws',
  'a listener rejects',
]
const IN_EXPRESS: readonly Mistake[] = [
  'condition rejects',
  'unless rejects',
  'the condition of a write rejects',
  'the logger throws',
  'the logger rejects',
  'a listener throws',
  'a listener rejects',
]

describe('a callback with a mistake', () => {
  for (const [front, mistakes] of [
    [true, IN_FRONT],
    [false, IN_EXPRESS],
  ] as const) {
    for (const mistake of mistakes) {
      it(`costs no answer and no process${front ? ', behind the front' : ''}: ${mistake}`, async () => {
        const victim = await startVictim({ front, mistake })
        try {
          // The URL is one that cannot be decoded, which the route does not see.
          for (let turn = 0; turn < 5; turn++) {
            const { status, text } = await victim.ask('/rows/1?q=%E0%A4')
            expect(status).to.equal(200)
            expect(text).to.contain('of the handler')
          }
          expect((await victim.ask('/rows/1', { method: 'PUT' })).status).to.equal(200)
          expect(await victim.health()).to.equal('well')
        } finally {
          await victim.stop()
        }
      })
    }
  }

  it('costs what Express makes of it, and no process: an etag function that throws', async () => {
    for (const front of [false, true]) {
      const victim = await startVictim({ front, mistake: 'the etag function throws' })
      try {
        for (let turn = 0; turn < 4; turn++) await victim.ask('/rows/1')
        expect(await victim.health()).to.contain('status 500')
      } finally {
        await victim.stop()
      }
    }
  })
})

describe('a promise from an option', () => {
  let cache: Cache
  let server: Listening | undefined
  let events: CacheEvent[]

  beforeEach(() => {
    cache = createCache({ logger: recordingLogger() })
    events = []
    cache.observe((event) => events.push(event))
  })
  afterEach(async () => {
    await cache.close()
    await server?.close()
    server = undefined
  })

  // biome-ignore lint/suspicious/noExplicitAny: what plain JavaScript may give.
  const asAny = (option: unknown): any => option

  const declarations: readonly [what: string, declare: (option: unknown) => unknown][] = [
    [
      'condition of @Cacheable',
      (condition) => cache.cacheable('row:{id}', 60, { condition: asAny(condition) }),
    ],
    ['unless of @Cacheable', (unless) => cache.cacheable('row:{id}', 60, { unless: asAny(unless) })],
    ['condition of @CachePut', (condition) => cache.put('row:{id}', 60, { condition: asAny(condition) })],
    ['unless of @CachePut', (unless) => cache.put('row:{id}', 60, { unless: asAny(unless) })],
    ['condition of @CacheEvict', (condition) => cache.evict('row:{id}', { condition: asAny(condition) })],
  ]
  for (const [what, declare] of declarations) {
    it(`is refused at start where it can be seen: an async ${what}`, () => {
      expect(() => declare(async () => false))
        .to.throw(CacheError, /async|promise/i)
        .with.property('code', 'E_CACHE_OPTION')
    })
  }

  /** Not declared async, so that it shows when it comes. */
  const later =
    <Value>(value: Value) =>
    () =>
      Promise.resolve(value)

  async function serve(options: object): Promise<(init?: RequestInit) => ReturnType<typeof answerOf>> {
    const app = quietExpress()
    app.get('/rows/:id', cache.cacheable('row:{id}', 60, options), (req, res) => {
      res.json({ for: req.get('x-role') ?? 'anyone' })
    })
    app.put('/rows/:id', cache.evict('row:{id}', asAny({ condition: later(false) })), (_req, res) => {
      res.json({})
    })
    await cache.ready(app)
    server = await listen(app)
    const { url } = server
    return (init) => answerOf(`${url}/rows/1`, init)
  }

  const told = (option: string) =>
    events.filter((event) => event.type === 'option-failed' && event.option === option).length

  it('is a mistake where it comes: the condition counts as one that threw, so nobody gets another one’s answer', async () => {
    const ask = await serve(asAny({ condition: later(false) }))
    await ask({ headers: { 'x-role': 'admin' } })
    const { text, xCache } = await ask()
    expect([text, xCache]).to.deep.equal(['{"for":"anyone"}', 'BYPASS'])
    expect(told('condition')).to.equal(2)
  })

  it('is a mistake where it comes: the unless counts as one that threw, and that is told', async () => {
    const ask = await serve(asAny({ unless: later(false) }))
    await ask()
    expect((await ask()).xCache).to.equal('MISS')
    expect(told('unless')).to.equal(2)
  })

  it('is a mistake where it comes: a write whose condition gives one evicts, and that is told', async () => {
    const ask = await serve({})
    await ask()
    expect((await ask()).xCache).to.equal('HIT')
    await ask({ method: 'PUT' })
    expect((await ask()).xCache).to.equal('MISS')
    expect(told('condition')).to.equal(1)
  })
})
