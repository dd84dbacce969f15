import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, pipeline, Readable } from 'node:stream'
import { expect } from 'chai'
import type { Request, RequestHandler, Response } from 'express'
import type { CacheableOptions, CacheOptions } from 'express-cacheable'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { gate } from '../support/gate.js'
import { serversOfSuite } from '../support/http.js'
import { onEachStore } from '../support/on-each-store.js'
import { openRaw, parseAnswer, readToEnd, sendRaw } from '../support/raw-http.js'
import { until } from '../support/until.js'

const MIB = 1024 * 1024
/** Every byte there is, and the sequences that a store or an envelope might trip over. */
const BYTES = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from('\r\n\r\nHTTP/1.1 200\r\n\r\n\0\u2028'),
])
const FILE = randomBytes(200_000)

let directory: string
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'express-cacheable-bodies-'))
  await writeFile(join(directory, 'file.bin'), FILE)
})
after(() => rm(directory, { recursive: true }))

onEachStore('a cached route, whatever the body,', (makeCache) => {
  for (const { name, createApp } of EXPRESS_VERSIONS) {
    describe(name, () => {
      const listen = serversOfSuite()

      /** Serves one cached route, `/thing`. */
      async function serve(
        handler: RequestHandler,
        {
          rule = {},
          options = {},
          before = [],
        }: { rule?: CacheableOptions; options?: CacheOptions; before?: RequestHandler[] } = {},
      ) {
        const { cache, events } = makeCache(options)
        const app = createApp()
        for (const middleware of before) app.use(middleware)
        let calls = 0
        app.get('/thing', cache.cacheable('thing', 60, rule), (req, res, next) => {
          calls++
          return handler(req, res, next)
        })
        await cache.ready(app)
        const url = await listen(app)
        return {
          url,
          calls: () => calls,
          ask: () => sendRaw(url, { target: '/thing' }),
          notStored: () => events.flatMap((event) => (event.type === 'not-stored' ? [event.reason] : [])),
        }
      }

      const replayed: Record<string, { readonly handler: RequestHandler; readonly body: Buffer }> = {
        'res.json': {
          handler: (_req, res) => void res.json({ text: '\u2028 ü 💶', list: [1, null] }),
          body: Buffer.from('{"text":"\u2028 ü 💶","list":[1,null]}'),
        },
        'res.send of text': { handler: (_req, res) => void res.send('grüße'), body: Buffer.from('grüße') },
        'res.send of bytes': { handler: (_req, res) => void res.send(BYTES), body: BYTES },
        'res.end with an encoding': {
          handler: (_req, res) => void res.end('00ff0d0a', 'hex'),
          body: Buffer.from('00ff0d0a', 'hex'),
        },
        'res.end alone': { handler: (_req, res) => void res.end(), body: Buffer.alloc(0) },
        'write in pieces of several encodings': {
          handler: (_req, res) => {
            res.write('é', 'latin1')
            res.write('AP8=', 'base64')
            res.write(new Uint8Array([1, 2, 255]))
            res.end(Buffer.from('end'))
          },
          body: Buffer.concat([Buffer.from('e900ff0102ff', 'hex'), Buffer.from('end')]),
        },
        'a buffer that its owner uses again': {
          handler: (_req, res) => {
            const scratch = Buffer.from('first ')
            res.write(scratch, () => {
              scratch.write('second')
              res.end(scratch)
            })
          },
          body: Buffer.from('first second'),
        },
        'a stream piped in': {
          handler: (_req, res) => void Readable.from([BYTES, FILE, BYTES]).pipe(res),
          body: Buffer.concat([BYTES, FILE, BYTES]),
        },
        'an empty stream': {
          handler: (_req, res) => void Readable.from([]).pipe(res),
          body: Buffer.alloc(0),
        },
        'sendFile with a maxAge': {
          handler: (_req, res) => void res.sendFile('file.bin', { root: directory, maxAge: 30_000 }),
          body: FILE,
        },
      }
      for (const [title, { handler, body }] of Object.entries(replayed)) {
        it(`gives on a hit the bytes of the miss: ${title}`, async () => {
          const { ask, calls } = await serve(handler)
          const miss = await ask()
          const hit = await ask()
          expect([miss.header('x-cache'), hit.header('x-cache')]).to.deep.equal(['MISS', 'HIT'])
          expect([miss.body.equals(body), hit.body.equals(body)]).to.deep.equal([true, true])
          expect([miss.isComplete, hit.isComplete]).to.deep.equal([true, true])
          expect(hit.header('content-type')).to.equal(miss.header('content-type'))
          expect(calls()).to.equal(1)
        })
      }

      it('gives what an application has put on `end` the bytes, as it may not look at an encoding', async () => {
        const ended: unknown[] = []
        const lookAtEnd: RequestHandler = (_req, res, next) => {
          const end = res.end.bind(res)
          res.end = ((chunk: unknown) => {
            ended.push(chunk)
            return end(chunk)
          }) as typeof res.end
          next()
        }
        const { ask } = await serve((_req, res) => void res.json({ text: 'grüße' }), { before: [lookAtEnd] })
        const [miss, hit] = [await ask(), await ask()]
        expect(hit.header('x-cache')).to.equal('HIT')
        expect(hit.body.equals(miss.body)).to.equal(true)
        expect(ended.at(-1)).to.deep.equal(Buffer.from('{"text":"grüße"}'))
      })

      it("does not store sendFile without a maxAge, since it says 'max-age=0'", async () => {
        const { ask, calls, notStored } = await serve(
          (_req, res) => void res.sendFile('file.bin', { root: directory }),
        )
        for (let time = 0; time < 2; time++) {
          const answer = await ask()
          expect([answer.header('x-cache'), answer.body.equals(FILE)]).to.deep.equal(['MISS', true])
        }
        expect(calls()).to.equal(2)
        expect(notStored()).to.deep.equal(['no freshness left', 'no freshness left'])
      })

      const large: Record<string, (res: Response, body: Buffer) => void> = {
        'in one go': (res, body) => void res.send(body),
        'in pieces': (res, body) => void Readable.from(piecesOf(body)).pipe(res),
      }
      for (const [title, send] of Object.entries(large)) {
        it(`stores several megabytes up to maxBodyBytes, and passes on one byte more, ${title}`, async () => {
          const body = randomBytes(3 * MIB + 1)
          let length = 3 * MIB
          const { ask, calls, notStored } = await serve((_req, res) => send(res, body.subarray(0, length)), {
            options: { maxBodyBytes: 3 * MIB },
          })
          const stored = [await ask(), await ask()]
          expect(stored.map((answer) => answer.header('x-cache'))).to.deep.equal(['MISS', 'HIT'])
          for (const answer of stored) expect(answer.body.equals(body.subarray(0, length))).to.equal(true)
          length++
          const above = await serve((_req, res) => send(res, body.subarray(0, length)), {
            options: { maxBodyBytes: 3 * MIB },
          })
          const passed = [await above.ask(), await above.ask()]
          expect(passed.map((answer) => answer.header('x-cache'))).to.deep.equal(['MISS', 'MISS'])
          for (const answer of passed) expect(answer.body.equals(body)).to.equal(true)
          expect(calls()).to.equal(1)
          expect(above.calls()).to.equal(2)
          expect([notStored(), above.notStored()]).to.deep.equal([[], ['too large', 'too large']])
        })
      }

      it('stores nothing of a stream that fails midway, and runs the handler for the next', async () => {
        let isBroken = true
        const { ask, calls, notStored } = await serve((_req, res) => {
          const source = isBroken ? failingStream() : Readable.from(['whole'])
          pipeline(source, res, () => {})
        })
        const broken = await ask()
        expect([broken.text, broken.isComplete]).to.deep.equal(['half', false])
        isBroken = false
        const whole = await ask()
        expect([whole.header('x-cache'), whole.text]).to.deep.equal(['MISS', 'whole'])
        expect([calls(), notStored()]).to.deep.equal([2, ['aborted']])
      })

      it('stores nothing for a client that went away, however the handler goes on', async () => {
        for (const kind of ['before the answer', 'in the middle of it']) {
          const left = gate()
          const ended = gate()
          let isFirst = true
          const { url, ask, calls, notStored } = await serve(async (_req, res) => {
            if (isFirst) {
              isFirst = false
              if (kind !== 'before the answer') res.write('part, ')
              res.once('close', left.open)
              await left.wait
            }
            res.end('rest')
            ended.open()
          })
          const socket = await openRaw(url, { target: '/thing' })
          await until('the handler to run', () => calls() === 1)
          socket.destroy()
          await ended.wait
          const next = await ask()
          expect([next.header('x-cache'), next.text], kind).to.deep.equal(['MISS', 'rest'])
          expect([calls(), notStored()], kind).to.deep.equal([2, ['aborted']])
        }
      })

      it('does not store a body that ends short of its Content-Length', async () => {
        for (const handler of [
          (_req: Request, res: Response) => void res.set('Content-Length', '10').end('short'),
          (_req: Request, res: Response) => {
            res.set('Content-Length', '10').write('sho')
            res.end('rt')
          },
        ]) {
          const { ask, calls, notStored } = await serve(handler)
          for (let time = 0; time < 2; time++) {
            const answer = await ask()
            expect([answer.text, answer.isComplete]).to.deep.equal(['short', false])
          }
          expect([calls(), notStored()]).to.deep.equal([2, ['incomplete body', 'incomplete body']])
        }
      })

      it('holds a piped stream back for a slow reader, and keeps no more of it than the socket', async () => {
        const total = 64 * MIB
        const source = countedStream(total)
        let response: Response | undefined
        const { url } = await serve((_req, res) => {
          response = res
          pipeline(source.stream, res, () => {})
        })
        const socket = await openRaw(url, { target: '/thing' })
        let before = -1
        await until('the source to stop', () => {
          const isStill = response?.writableNeedDrain === true && source.sent() === before
          before = source.sent()
          return isStill
        })
        // What two socket buffers of the system take is a few megabytes.
        expect(source.sent()).to.be.lessThan(total / 2)
        expect(response?.writableLength).to.be.lessThan(MIB)

        const answer = parseAnswer(await readToEnd(socket))
        expect([answer.isComplete, answer.body.length, sha256(answer.body)]).to.deep.equal([
          true,
          total,
          source.digest(),
        ])
      })

      it('tells the handler to wait for drain once the answer is too large to keep: a copy does not wait for its client', async () => {
        const results: boolean[] = []
        const { ask } = await serve((_req, res) => {
          results.push(res.write(Buffer.alloc(MIB)), res.write(Buffer.alloc(MIB)))
          res.once('drain', () => res.end('drained'))
        })
        const answer = await ask()
        expect(results).to.deep.equal([true, false])
        expect([answer.isComplete, answer.body.length]).to.deep.equal([true, 2 * MIB + 'drained'.length])
      })
    })
  }
})

function* piecesOf(body: Buffer): Generator<Buffer> {
  for (let at = 0; at < body.length; at += 50_000) yield body.subarray(at, at + 50_000)
}

/** Gives a half, and fails once it has been taken. */
function failingStream(): Readable {
  const stream = new PassThrough()
  stream.write('half', () => setImmediate(() => stream.destroy(new Error('the database went away'))))
  return stream
}

function countedStream(total: number) {
  const piece = randomBytes(64 * 1024)
  const hash = createHash('sha256')
  let sent = 0
  const stream = new Readable({
    read() {
      if (sent === total) return void this.push(null)
      sent += piece.length
      hash.update(piece)
      this.push(piece)
    },
  })
  return { stream, sent: () => sent, digest: () => hash.digest('hex') }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
