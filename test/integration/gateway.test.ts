import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect } from 'chai'
import { createCache } from 'express-cacheable'
import { type RunningGateway, startGateway } from '#demo/gateway/start-gateway.js'
import { SERVICE_NAMES, type ServiceName } from '#demo/service-names.js'
import { SERVICE_PATHS } from '#demo/services/service-paths.js'
import { answerOf } from '../support/answer-of.js'
import { startProcess } from '../support/child-process.js'
import { freePort } from '../support/free-port.js'
import { type Gate, gate } from '../support/gate.js'
import { type Listening, listen } from '../support/http.js'
import { openRaw, readToEnd, sendRaw } from '../support/raw-http.js'
import { type RecordingLogger, recordingLogger } from '../support/recording-logger.js'
import { until } from '../support/until.js'

const SILENCE_TIMEOUT_MS = 300

/** The gateway before stand-ins for the services, which answer as each test says. */
describe('the gateway', () => {
  const standIns: Listening[] = []
  let urls: Record<ServiceName, string>
  let gateway: RunningGateway
  let logger: RecordingLogger
  /** What a service does that does not just say who it is. */
  let answers: Partial<Record<ServiceName, RequestListener>>
  let asked: IncomingMessage[]

  before(async () => {
    const entries: [ServiceName, string][] = []
    for (const name of SERVICE_NAMES) {
      const standIn = await listen((req, res) => {
        asked.push(req)
        const answer = answers[name] ?? sayWho(name)
        answer(req, res)
      })
      standIns.push(standIn)
      entries.push([name, standIn.url])
    }
    urls = Object.fromEntries(entries) as typeof urls
  })

  beforeEach(async () => {
    asked = []
    answers = {}
    await start(urls)
  })

  afterEach(() => gateway.close())
  after(() => Promise.all(standIns.map((standIn) => standIn.close())))

  async function start(to: typeof urls): Promise<void> {
    logger = recordingLogger()
    const config = { port: 0, host: '127.0.0.1', urls: to, silenceTimeoutMs: SILENCE_TIMEOUT_MS }
    gateway = await startGateway(config, logger)
  }

  /** The gateway anew, with one service elsewhere. */
  async function move(service: ServiceName, url: string): Promise<void> {
    await gateway.close()
    await start({ ...urls, [service]: url })
  }

  describe('the way there', () => {
    for (const service of SERVICE_NAMES) {
      it(`hands the paths of ${service} on to it`, async () => {
        for (const path of SERVICE_PATHS[service]) {
          for (const whole of [path, `${path}/`, `${path}/42?page=2`, path.toUpperCase()]) {
            expect((await answerOf(gateway.url + whole)).text, whole).to.equal(service)
            expect(asked.at(-1)?.url).to.equal(whole)
          }
        }
      })
    }

    for (const path of [
      '/',
      '/api',
      '/nope',
      '/api/customersx',
      '/api/customers//42',
      '/api//customers',
      '/%zz',
    ]) {
      it(`answers 404 to ${path} itself, in the words of the services`, async () => {
        const { status, text: body, headers } = await answerOf(gateway.url + path, { method: 'PUT' })
        expect(status).to.equal(404)
        expect(JSON.parse(body)).to.deep.equal({ error: `There is no PUT ${path}` })
        expect(headers.get('content-type')).to.match(/^application\/json/)
        expect(asked).to.deep.equal([])
      })
    }

    it('has the page of the CRM itself, and asks no service for it', async () => {
      const { status, text: html } = await answerOf(`${gateway.url}/`)
      expect(status).to.equal(200)
      for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
        expect((await answerOf(gateway.url + path)).status, path).to.equal(200)
      }
      expect(asked).to.deep.equal([])
    })

    it('keeps the path byte for byte', async () => {
      const target = '/api/customers/a%2Fb|c{d}@e?q=%20+"&x=1?y=http://z'
      await sendRaw(gateway.url, { target })
      expect(asked[0]?.url).to.equal(target)
    })

    it('takes a request with a whole URL in it', async () => {
      const target = 'http://crm.example/api/customers/1?a=b'
      expect((await sendRaw(gateway.url, { target })).text).to.equal('customer')
      expect(asked[0]?.url).to.equal(target)
    })

    it('keeps the method and the headers of a request, and says where it came from', async () => {
      const headers = {
        Authorization: 'Bearer a.b.c',
        'If-None-Match': '"1"',
        'Cache-Control': 'no-cache',
        Cookie: 'a=1; b=2',
        'X-Forwarded-For': '203.0.113.7',
      }
      const { host, port } = new URL(gateway.url.replace('localhost', '127.0.0.1'))
      await sendRaw(`http://${host}`, { method: 'PATCH', target: '/api/customers/1', headers })
      const [request] = asked
      expect(request?.method).to.equal('PATCH')
      expect(request?.headers).to.include({
        host,
        authorization: 'Bearer a.b.c',
        'if-none-match': '"1"',
        'cache-control': 'no-cache',
        cookie: 'a=1; b=2',
        'x-forwarded-for': '203.0.113.7,127.0.0.1',
        'x-forwarded-host': host,
        'x-forwarded-port': port,
        'x-forwarded-proto': 'http',
      })
    })

    it('passes a body on while it comes', async () => {
      const arrived: Gate = gate()
      answers.customer = async (req, res) => {
        req.once('data', () => arrived.open())
        res.end(await text(req))
      }
      const sending = request(`${gateway.url}/api/customers`, { method: 'POST' })
      sending.write('one ')
      await arrived.wait
      sending.end('two')
      const [response] = (await once(sending, 'response')) as [IncomingMessage]
      expect(await text(response)).to.equal('one two')
    })

    it('takes a body for which the client first asks', async () => {
      answers.customer = async (req, res) => res.end(await text(req))
      const headers = { expect: '100-continue' }
      const sending = request(`${gateway.url}/api/customers`, { method: 'POST', headers })
      sending.flushHeaders()
      await once(sending, 'continue')
      sending.end('here')
      const [response] = (await once(sending, 'response')) as [IncomingMessage]
      expect(await text(response)).to.equal('here')
    })

    it('refuses a body of DELETE without a length, which a service would take for a request', async () => {
      const hidden = 'GET /api/customers/hidden HTTP/1.1\r\nHost: x\r\n\r\n'
      const chunk = `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`
      const headers = { 'Transfer-Encoding': 'chunked' }
      const { status } = await sendRaw(gateway.url, {
        ...{ method: 'DELETE', target: '/api/customers/1', headers, body: chunk },
      })
      expect(status).to.equal(411)
      expect(asked).to.deep.equal([])
    })

    it('ends the request to a service when the client has gone', async () => {
      const reached = gate()
      const ended = gate()
      answers.customer = (req) => {
        req.once('close', () => ended.open())
        reached.open()
      }
      const socket = await openRaw(gateway.url, { target: '/api/customers' })
      await reached.wait
      socket.destroy()
      await ended.wait
      expect(logger.lines).to.deep.equal([])
    })
  })

  describe('the way back', () => {
    it('keeps the status, the headers and the body of an answer', async () => {
      answers.customer = (_req, res) => {
        res.writeHead(201, 'Made', {
          'X-Cache': 'HIT',
          'Cache-Status': 'express-cacheable;hit;ttl=5',
          ETag: 'W/"5-abc"',
          Age: '7',
          'Set-Cookie': ['a=1', 'b=2'],
          'Content-Length': '5',
        })
        res.end('Grüß'.slice(0, 3))
      }
      const { statusLine, fields, text: body } = await sendRaw(gateway.url, { target: '/api/customers' })
      expect(statusLine).to.equal('HTTP/1.1 201 Made')
      expect(fields).to.deep.include.members([
        ['X-Cache', 'HIT'],
        ['Cache-Status', 'express-cacheable;hit;ttl=5'],
        ['ETag', 'W/"5-abc"'],
        ['Age', '7'],
        ['Set-Cookie', 'a=1'],
        ['Set-Cookie', 'b=2'],
        ['Content-Length', '5'],
      ])
      expect(body).to.equal('Grü')
    })

    it('gives HEAD its head, and a conditional request its 304', async () => {
      answers.customer = (req, res) => {
        const isKnown = req.headers['if-none-match'] === '"1"'
        res.writeHead(isKnown ? 304 : 200, { ETag: '"1"', ...(isKnown ? {} : { 'Content-Length': '4' }) })
        res.end(req.method === 'HEAD' || isKnown ? undefined : 'body')
      }
      const target = '/api/customers'
      const head = await sendRaw(gateway.url, { method: 'HEAD', target })
      expect([head.status, head.header('content-length'), head.body.length]).to.deep.equal([200, '4', 0])
      const notModified = await sendRaw(gateway.url, { target, headers: { 'If-None-Match': '"1"' } })
      expect([notModified.status, notModified.header('etag'), notModified.body.length]).to.deep.equal([
        304,
        '"1"',
        0,
      ])
    })

    it('passes an answer on while it comes', async () => {
      const seen = gate()
      answers.customer = async (_req, res) => {
        res.write('one ')
        await seen.wait
        res.end('two')
      }
      const response = await fetch(`${gateway.url}/api/customers`)
      const chunks: string[] = []
      for await (const chunk of response.body as ReadableStream<Uint8Array>) {
        chunks.push(Buffer.from(chunk).toString())
        seen.open()
      }
      expect(chunks).to.deep.equal(['one ', 'two'])
    })

    it('keeps the connection of a client, and none to a service, which may be another one by then', async () => {
      const headers = { Connection: 'keep-alive' }
      const socket = await openRaw(gateway.url, { target: '/api/customers', headers })
      const [first] = await once(socket, 'data')
      expect(first.toString())
        .to.match(/^HTTP\/1.1 200/)
        .and.match(/^Connection: keep-alive\r$/m)
      socket.write('GET /api/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
      expect((await readToEnd(socket)).toString()).to.match(/sales-activity$/)
      expect(asked.map(({ headers }) => headers.connection)).to.deep.equal(['close', 'close'])
    })
  })

  describe('a service that is not there', () => {
    async function expectUnavailable(): Promise<void> {
      const { status, text: body, headers } = await answerOf(`${gateway.url}/api/customers?page=1`)
      expect(status).to.equal(503)
      expect(JSON.parse(body)).to.deep.equal({ error: 'The customer service does not answer' })
      expect(headers.get('cache-control')).to.equal('no-store')
      expect(logger.at('error')).to.have.length(1)
      expect(logger.at('error')[0]).to.match(
        /^GET \/api\/customers: The customer service does not answer \(E/,
      )
    }

    it('is named in a 503 when it does not listen, while the others are reached', async () => {
      await move('customer', `http://127.0.0.1:${await freePort()}`)
      await expectUnavailable()
      expect((await answerOf(`${gateway.url}/api/tasks`)).text).to.equal('sales-activity')
    })

    it('is named in a 503 when its name is unknown', async () => {
      await move('customer', 'http://customer.invalid')
      await expectUnavailable()
    })

    it('is named in a 503 when it takes the request and says nothing', async () => {
      answers.customer = () => {}
      await expectUnavailable()
    })

    it('is named in a 503 when it hangs up', async () => {
      answers.customer = (req) => req.socket.destroy()
      await expectUnavailable()
    })

    it('is named in a 503 when it takes no connection', async () => {
      const deaf = await startDeafServer()
      await move('customer', deaf.url)
      await expectUnavailable()
      await deaf.stop()
    })

    it('cuts an answer off that breaks off, rather than let the client wait', async () => {
      answers.customer = (req, res) => {
        res.writeHead(200, { 'Content-Length': '100' })
        res.write('begun', () => req.socket.destroy())
      }
      const { status, text: body, isComplete } = await sendRaw(gateway.url, { target: '/api/customers' })
      expect([status, body, isComplete]).to.deep.equal([200, 'begun', false])
    })

    it('cuts an answer off that does not go on', async () => {
      answers.customer = (_req, res) => void res.write('begun')
      const { isComplete } = await sendRaw(gateway.url, { target: '/api/customers' })
      expect(isComplete).to.equal(false)
    })

    it('is found once it is there', async () => {
      const port = await freePort()
      await move('customer', `http://127.0.0.1:${port}`)
      await expectUnavailable()
      const late = createServer(sayWho('customer')).listen(port, '127.0.0.1')
      await once(late, 'listening')
      expect((await answerOf(`${gateway.url}/api/customers`)).text).to.equal('customer')
      late.close()
      late.closeAllConnections()
    })
  })

  describe('asked about all services', () => {
    async function json(path: string) {
      const { status, text: body, headers } = await answerOf(gateway.url + path)
      expect(headers.get('cache-control')).to.equal('no-store')
      return { status, body: JSON.parse(body) }
    }

    function allAnswer(status: number, body: object): void {
      for (const name of SERVICE_NAMES) answers[name] = say(status, body)
    }

    const allOk = Object.fromEntries(SERVICE_NAMES.map((name) => [name, 'ok']))

    it('lives without them', async () => {
      for (const name of SERVICE_NAMES) answers[name] = (req) => req.socket.destroy()
      expect(await json('/healthz')).to.deep.equal({ status: 200, body: { status: 'ok' } })
    })

    it('is ready when all are', async () => {
      allAnswer(200, { status: 'ok', database: 'ok', cache: 'ok' })
      expect(await json('/readyz')).to.deep.equal({
        status: 200,
        body: { status: 'ok', services: allOk, cache: 'ok' },
      })
      expect(asked.map(({ url }) => url)).to.deep.equal(SERVICE_NAMES.map(() => '/readyz'))
    })

    it('is ready when the cache of one is degraded, and says so', async () => {
      allAnswer(200, { status: 'ok', database: 'ok', cache: 'ok' })
      answers.analytics = say(200, { status: 'ok', database: 'ok', cache: 'degraded' })
      expect(await json('/readyz')).to.deep.equal({
        status: 200,
        body: { status: 'ok', services: allOk, cache: 'degraded' },
      })
    })

    it('says which are missing, unavailable or silent', async () => {
      allAnswer(200, { status: 'ok', database: 'ok', cache: 'ok' })
      answers.auth = (req) => req.socket.destroy()
      answers.customer = () => {}
      answers.opportunity = say(503, { status: 'unavailable', database: 'unreachable', cache: 'ok' })
      const services = { ...allOk, auth: 'unreachable', customer: 'unreachable', opportunity: 'unavailable' }
      expect(await json('/readyz')).to.deep.equal({
        status: 503,
        body: { status: 'unavailable', services, cache: 'ok' },
      })
    })

    it('adds up what their caches have done', async () => {
      const part = createCache().stats()
      for (const name of SERVICE_NAMES) answers[name] = say(200, { ...part, hits: 3, misses: 1 })
      const { status, body } = await json('/api/cache/stats')
      expect(status).to.equal(200)
      expect(Object.keys(body)).to.deep.equal(Object.keys(part))
      expect(body).to.include({ hits: 15, misses: 5, total: 20, hitRate: '75.00%' })
    })

    it('adds up nothing when one is missing, and names it', async () => {
      allAnswer(200, createCache().stats())
      answers.analytics = (req) => req.socket.destroy()
      expect(await json('/api/cache/stats')).to.deep.equal({
        status: 503,
        body: { error: 'The analytics service does not answer' },
      })
    })
  })
})

function sayWho(name: ServiceName): RequestListener {
  return (_req, res) => res.end(name)
}

function say(status: number, body: object): RequestListener {
  return (_req, res) => res.writeHead(status).end(JSON.stringify(body))
}

const LISTEN = `require('node:net').createServer().listen(+process.argv[1], '127.0.0.1', 1, () => console.log('up'))`

/** Frozen, and with its queue full: the system lets no connection be made, and refuses none. */
async function startDeafServer(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const server = await startProcess(process.execPath, ['-e', LISTEN, String(port)])
  await until('the server to listen', () => server.output().includes('up'))
  process.kill(server.pid, 'SIGSTOP')
  const waiting = Array.from({ length: 4 }, () => connect({ port, host: '127.0.0.1' }))
  for (const socket of waiting) socket.on('error', () => {})
  await until('its queue to be full', () => waiting.filter(({ connecting }) => !connecting).length > 1)
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      for (const socket of waiting) socket.destroy()
      await server.stop()
    },
  }
}
