import { monitorEventLoopDelay } from 'node:perf_hooks'
import { brotliCompressSync, constants } from 'node:zlib'
import { expect } from 'chai'
import type { Cache, CacheEvent } from 'express-cacheable'
import { answerOf } from '../support/answer-of.js'
import { type CachedRows, cachedRowsOfSuite, singleRedis } from '../support/cached-rows.js'
import { listen } from '../support/http.js'
import { quietExpress } from '../support/quiet-express.js'
import { until } from '../support/until.js'
import { startVictim } from './victim.js'

const TYPE = 'content-type: application/json; charset=utf-8'

/** Heads and bodies that look like ours. */
const MESSAGES: Readonly<Record<string, string | Buffer>> = {
  'JSON that is none': '{not json}',
  'JSON that ends early': '{"a":"b}',
  'JSON that is not UTF-8': Buffer.from('{"a":"\xff\xfe"}', 'latin1'),
  'a list that is none': '[,]',
  'a text that is none': '"a"b"',
  'a number that is none': '1e+-3',
  'a header name with a space': `HTTP/1.1 200\r\nbad name: x\r\n${TYPE}\r\n\r\n{}`,
  'a header name with a line feed': `HTTP/1.1 200\r\nbad\nname: x\r\n${TYPE}\r\n\r\n{}`,
  'a header name that is not of ours in case': `HTTP/1.1 200\r\nContent-Type: text/html\r\n\r\n{}`,
  'a header name that Object.prototype has': `HTTP/1.1 200\r\n__proto__: x\r\n${TYPE}\r\n\r\n{}`,
  'a control byte in a header': `HTTP/1.1 200\r\nx-a: a\x01b\r\n${TYPE}\r\n\r\n{}`,
  'a zero byte in a header': `HTTP/1.1 200\r\nx-a: \0\r\n${TYPE}\r\n\r\n{}`,
  'a header without a colon': `HTTP/1.1 200\r\njunk\r\n\r\n{}`,
  'no end of the head': 'HTTP/1.1 200\r\nx-a: b\r\n',
  'rubbish said to be Brotli': `HTTP/1.1 200\r\nencoding-at-rest: br\r\n${TYPE}\r\n\r\nrubbish`,
  'nothing said to be Brotli': `HTTP/1.1 200\r\nencoding-at-rest: br\r\n${TYPE}\r\n\r\n`,
  'a cookie': `HTTP/1.1 200\r\nset-cookie: sid=of-somebody\r\n${TYPE}\r\n\r\n{}`,
  'status 304': 'HTTP/1.1 304\r\n\r\n',
  'status 204': 'HTTP/1.1 204\r\n\r\n',
  'status 206': `HTTP/1.1 206\r\n${TYPE}\r\n\r\n{}`,
  'status 500, which the rule does not store': `HTTP/1.1 500\r\n${TYPE}\r\n\r\n{}`,
  'a status in other digits': `HTTP/1.1 2e2\r\n${TYPE}\r\n\r\n{}`,
  'a status in hexadecimal': `HTTP/1.1 0xc8\r\n${TYPE}\r\n\r\n{}`,
  'a length that is another': `HTTP/1.1 200\r\ncontent-length: 90\r\n${TYPE}\r\n\r\n{}`,
  'a transfer encoding': `HTTP/1.1 200\r\ntransfer-encoding: chunked\r\n${TYPE}\r\n\r\n{}`,
  'a header of the connection': `HTTP/1.1 200\r\nconnection: upgrade\r\n${TYPE}\r\n\r\n{}`,
  'an Age that is no number': `HTTP/1.1 200\r\nage: soon\r\n${TYPE}\r\n\r\n{}`,
  'no-store': `HTTP/1.1 200\r\ncache-control: no-store\r\n${TYPE}\r\n\r\n{}`,
  private: `HTTP/1.1 200\r\ncache-control: private\r\n${TYPE}\r\n\r\n{}`,
}

describe('bytes under a key', () => {
  const { rows, suite } = cachedRowsOfSuite(singleRedis)
  let cache: Cache
  let events: CacheEvent[]
  let ask: CachedRows['ask']
  beforeEach(() => {
    ;({ cache, events, ask } = rows())
  })

  /** An answer that is stored leaves before it is: what is planted meanwhile would not stay. */
  const load = async () => {
    await ask()
    await until('the answer to be stored', () => events.some(({ type }) => type === 'fill'))
  }

  const plant = (bytes: string | Buffer) =>
    suite().admin.set(
      `${rows().keyPrefix}row:1`,
      typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
      'PX',
      600_000,
    )

  for (const [what, bytes] of Object.entries(MESSAGES)) {
    it(`are a miss and an event, if they have ${what}`, async () => {
      await load()
      await plant(bytes)
      const { status, text, xCache, headers } = await ask()
      expect([status, text, xCache]).to.deep.equal([200, '{"from":"handler"}', 'MISS'])
      expect(headers.get('set-cookie')).to.equal(null)
      expect(events.filter(({ type }) => type === 'discard')).to.have.lengthOf(1)
      expect((await ask()).xCache).to.equal('HIT')
    })

    it(`give cache.get nothing, if they have ${what}`, async () => {
      await load()
      await plant(bytes)
      expect(await cache.get('row:1')).to.equal(null)
    })
  }

  it('stay a hit where they are what others may store: JSON with a byte order of its own, and spaces', async () => {
    await load()
    await plant('{ "b" : 1,\n"a" : [ ] }')
    const { text, xCache } = await ask()
    expect([text, xCache]).to.deep.equal(['{ "b" : 1,\n"a" : [ ] }', 'HIT'])
  })

  for (const front of [false, true]) {
    it(`never end the process${front ? ' behind its front' : ''}`, async () => {
      const victim = await startVictim({
        options: { redis: suite().redis, keyPrefix: rows().keyPrefix, deadlineMs: 5_000 },
        front,
      })
      try {
        for (let turn = 0; turn < 4; turn++) await victim.ask('/rows/1')
        for (const [what, bytes] of Object.entries(MESSAGES)) {
          await plant(bytes)
          const answer = await victim
            .ask('/rows/1')
            .catch(async () => ({ status: await victim.health(), text: '' }))
          expect([what, answer.status]).to.deep.equal([what, 200])
          expect(answer.text, what).to.contain('of the handler')
        }
        expect(await victim.health()).to.equal('well')
      } finally {
        await victim.stop()
      }
    })
  }

  for (const front of [false, true]) {
    it(`are not spelt by a header of an answer${front ? ', behind the front' : ''}`, async () => {
      const victim = await startVictim({ front })
      try {
        for (let turn = 0; turn < 5; turn++) {
          const { status, text, headers } = await victim.ask('/passed-on')
          expect([status, text, headers.get('encoding-at-rest')]).to.deep.equal([200, 'of an upstream', 'br'])
        }
        expect(await victim.health()).to.equal('well')
      } finally {
        await victim.stop()
      }
    })
  }

  it('are left to the handler, if they cannot be sent', async () => {
    const app = quietExpress()
    app.use((req, res, next) => {
      const { writeHead } = res
      const fail = () => {
        res.writeHead = writeHead
        throw new Error('a mistake')
      }
      if (req.query.fails) res.writeHead = fail
      next()
    })
    app.get('/rows/:id', cache.cacheable('row:{id}', 600), (_req, res) => void res.json({ from: 'handler' }))
    const mistaken = await listen(app)
    await load()
    await plant('{"id":"1"}')
    events.length = 0
    const { status, text, xCache } = await answerOf(`${mistaken.url}/rows/1?fails=1`)
    await mistaken.close()
    expect([status, text, xCache]).to.deep.equal([200, '{"from":"handler"}', 'BYPASS'])
    expect(events.map(({ type }) => type)).to.deep.equal(['discard', 'bypass'])
  })

  /** A few hundred bytes that unpack to very many. */
  function bomb(bytes: number): Buffer {
    const packed = brotliCompressSync(Buffer.alloc(bytes, '"'), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_LGWIN]: 24 },
    })
    return Buffer.concat([Buffer.from(`HTTP/1.1 200\r\nencoding-at-rest: br\r\n${TYPE}\r\n\r\n`), packed])
  }

  it('are unpacked no further than an answer may be large, and keep nobody waiting', async () => {
    await load()
    await plant(bomb(512 * 1024 * 1024))
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    const { text, xCache } = await ask()
    const got = await cache.get('row:1')
    delay.disable()
    expect([text, xCache, got]).to.deep.equal(['{"from":"handler"}', 'MISS', { from: 'handler' }])
    expect(delay.max / 1e6, 'the longest turn in ms').to.be.lessThan(100)
  })
})
