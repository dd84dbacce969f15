import type { ServerResponse as Response } from 'node:http'
import { request, ServerResponse } from 'node:http'
import { expect } from 'chai'
import { type Field, holdResponse } from '#src/express/write/hold-response.js'
import { gate } from '../../../support/gate.js'
import { type Listening, listen } from '../../../support/http.js'
import { openRaw, parseAnswer, readToEnd, sendRaw } from '../../../support/raw-http.js'
import { until } from '../../../support/until.js'

describe('holdResponse', () => {
  let server: Listening | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  /** Serves one handler behind a hold that lasts until it is released. */
  async function serve(handler: (res: Response) => unknown, { maxBytes = 1_000 } = {}) {
    const release = gate()
    let field: Field | undefined
    const settled: (number | null)[] = []
    server = await listen((_req, res) => {
      holdResponse(res, {
        ...{ wantsBody: true, maxBytes, lateMs: 60_000 },
        settle({ status }, body) {
          if (status >= 400) return undefined
          settled.push(body?.length ?? null)
          return release.wait.then(() => field)
        },
      })
      void handler(res)
    })
    const { url } = server
    return {
      settled,
      ask: () => sendRaw(url, { method: 'PUT', target: '/' }),
      open: () => openRaw(url, { method: 'PUT', target: '/' }),
      release: (said?: Field) => {
        field = said
        release.open()
      },
    }
  }

  it('keeps all bytes back until it is settled, and says then what is to be said', async () => {
    const { open, settled, release } = await serve((res) => {
      res.writeHead(201, { 'X-A': '1' })
      res.write('one')
      res.end('two')
    })
    const socket = await open()
    let seen = 0
    socket.on('data', (chunk) => {
      seen += chunk.length
    })
    await until('the settlement', () => settled.length === 1)
    expect([seen, settled]).to.deep.equal([0, [6]])
    release(['X-Kept', 'yes'])
    const answer = parseAnswer(await readToEnd(socket), 'PUT')
    expect([answer.status, answer.header('x-a'), answer.header('x-kept'), answer.text]).to.deep.equal([
      ...[201, '1', 'yes', 'onetwo'],
    ])
  })

  it('holds nothing of what failed', async () => {
    const { ask } = await serve((res) => {
      res.statusCode = 400
      res.end('no')
    })
    expect((await ask()).text).to.equal('no')
  })

  it('lets 1xx answers pass', async () => {
    const { settled, release } = await serve((res) => {
      res.writeEarlyHints({ link: '</a.css>; rel=preload' })
      res.end()
    })
    const client = request(server?.url as string, { method: 'PUT' }).end()
    await new Promise((resolve) => client.once('information', resolve))
    await until('the settlement', () => settled.length === 1)
    release()
    await new Promise((resolve) => client.once('response', (res) => res.resume().once('end', resolve)))
  })

  it('tells a writer that waits for its piece', async () => {
    const { ask, release } = await serve(async (res) => {
      await new Promise((resolve) => res.write('one', resolve))
      res.end('two')
    })
    release()
    expect((await ask()).text).to.equal('onetwo')
  })

  it('lets go of what is too large once it is settled, and settles again at its end', async () => {
    const { ask, settled, release } = await serve(
      async (res) => {
        if (!res.write('x'.repeat(20))) await new Promise((resolve) => res.once('drain', resolve))
        res.end('end')
      },
      { maxBytes: 10 },
    )
    release()
    expect((await ask()).text).to.equal(`${'x'.repeat(20)}end`)
    expect(settled).to.deep.equal([null, null])
  })

  it('does not lose an answer with a connection that is closed after it', async () => {
    const { open, settled, release } = await serve((res) => {
      const { socket } = res
      res.end('given')
      socket?.destroy()
    })
    const socket = await open()
    await until('the settlement', () => settled.length === 1)
    release()
    expect(parseAnswer(await readToEnd(socket), 'PUT').text).to.equal('given')
  })

  it('holds for several until the last lets go', async () => {
    const [first, second] = [gate(), gate()]
    let settled = 0
    server = await listen((_req, res) => {
      for (const { wait } of [first, second]) {
        holdResponse(res, {
          ...{ wantsBody: false, maxBytes: 1_000, lateMs: 60_000 },
          settle() {
            settled++
            return wait.then(() => undefined)
          },
        })
      }
      res.end('both')
    })
    const socket = await openRaw(server.url, { method: 'PUT', target: '/' })
    let seen = 0
    socket.on('data', (chunk) => {
      seen += chunk.length
    })
    await until('both settlements', () => settled === 2)
    first.open()
    await new Promise((resolve) => setImmediate(resolve))
    expect(seen).to.equal(0)
    second.open()
    expect(parseAnswer(await readToEnd(socket), 'PUT').text).to.equal('both')
  })

  it('is settled where middleware in front ends by what it kept of the response', async () => {
    const { ask, settled, release } = await serve((res) => {
      Reflect.apply(ServerResponse.prototype.end, res, ['past us'])
    })
    release()
    expect((await ask()).text).to.equal('past us')
    expect(settled).to.deep.equal([null])
  })
})
