import type { IncomingMessage, ServerResponse } from 'node:http'
import { expect } from 'chai'
import express from 'express'
import { ADDRESS, TRUST, unwatchedHeaders, watchOf, watchRequest } from '#src/express/watched-request.js'
import { type Listening, listen } from '../../support/http.js'

describe('a watched request', () => {
  let server: Listening | undefined
  afterEach(async () => {
    await server?.close()
    server = undefined
  })

  /** The names that a handler of Express reads; `null` for more than can be named. */
  async function namesRead(read: (req: express.Request) => unknown, trustProxy: unknown = true) {
    const app = express().set('trust proxy', trustProxy)
    let names: readonly string[] | null = []
    app.get('/', (req, res) => {
      read(req)
      const noted = watchOf(req)?.names
      names = noted ? [...noted].sort() : null
      res.end()
    })
    server = await listen((req: IncomingMessage, res: ServerResponse) => {
      watchRequest(req)
      app(req, res)
    })
    await fetch(server.url)
    return names
  }

  const cases: readonly [what: string, read: (req: express.Request) => unknown, names: string[] | null][] = [
    ['nothing', () => {}, []],
    ['the URL', (req) => [req.url, req.path, req.query, req.method], []],
    ['a header', (req) => req.headers['x-tenant'], ['x-tenant']],
    ['a header, by Express', (req) => req.get('X-Tenant'), ['x-tenant']],
    [
      'whether there is a header',
      (req) => 'x-a' in req.headers || Object.hasOwn(req.headers, 'x-b'),
      ['x-a', 'x-b'],
    ],
    ['all headers', (req) => ({ ...req.headers }), null],
    ['all headers as they came', (req) => req.rawHeaders, null],
    ['all headers, each as a list', (req) => req.headersDistinct, null],
    ['the protocol', (req) => req.protocol, [TRUST, 'x-forwarded-proto']],
    ['whether it is secure', (req) => req.secure, [TRUST, 'x-forwarded-proto']],
    ['the host', (req) => req.hostname, [TRUST, 'host', 'x-forwarded-host']],
    ['the address', (req) => req.ip, [ADDRESS, 'x-forwarded-for']],
    ['the address of the peer', (req) => req.socket.remoteAddress, [ADDRESS]],
    ['the port of the peer', (req) => req.socket.remotePort, null],
  ]
  for (const [what, read, names] of cases) {
    it(`tells that a handler reads ${what}`, async () => {
      expect(await namesRead(read)).to.deep.equal(names)
    })
  }

  it('believes no header of a peer that is not trusted', async () => {
    expect(await namesRead((req) => req.protocol, false)).to.deep.equal([TRUST])
  })

  it('gives what it would give unwatched, and hears nothing of the cache’s own reading or after its end', async () => {
    const seen: unknown[] = []
    const noted = await namesRead((req) => {
      seen.push(req.protocol, req.ip?.endsWith('127.0.0.1'), unwatchedHeaders(req).accept)
      watchOf(req)?.end()
      seen.push(req.get('accept-language'), req.rawHeaders.includes('*/*'))
    })
    expect(seen).to.deep.equal(['http', true, '*/*', '*', true])
    expect(noted).to.deep.equal([ADDRESS, TRUST, 'x-forwarded-for', 'x-forwarded-proto'])
  })
})
