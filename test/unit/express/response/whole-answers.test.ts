import {
  createServer,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { WholeAnswers } from '#src/express/response/whole-answers.js'
import { openRaw, readToEnd } from '../../../support/raw-http.js'

/** The second of all answers; nobody waits for another. */
const SECOND = 1_800_000_000
const DATE = new Date(SECOND * 1_000).toUTCString()
const REQUESTS = 5

type Respond = (
  res: ServerResponse,
  answer: { status: number; fields: OutgoingHttpHeader[]; body: Buffer | string },
  nth: number,
) => void

interface Circumstances {
  readonly body?: Buffer | string
  readonly status?: number
  readonly date?: string
  /** Before the answer to each request. */
  readonly mark?: (res: ServerResponse, nth: number, server: Server) => void
  readonly version?: '1.0' | '1.1'
}

const headOf = (fields: OutgoingHttpHeader[]): OutgoingHttpHeaders =>
  Object.fromEntries(fields.flatMap((name, at) => (at % 2 === 0 ? [[name, fields[at + 1]]] : [])))

const passOn = (res: ServerResponse, name: 'write' | 'end' | 'writeHead'): void => {
  const method = res[name]
  res[name] = function passedOn(this: ServerResponse, ...args: unknown[]) {
    return Reflect.apply(method, this, args)
  } as never
}

const UNUSUAL: Readonly<Record<string, Circumstances>> = {
  'a header that is set': { mark: (res) => void res.setHeader('X-Before', '1') },
  'a header that is removed': { mark: (res) => res.removeHeader('Connection') },
  'a message that is set': {
    mark: (res) => {
      res.statusMessage = 'Fine'
    },
  },
  'no date': {
    mark: (res) => {
      res.sendDate = false
    },
  },
  'a connection that is to end': {
    mark: (res) => {
      res.shouldKeepAlive = false
    },
  },
  'a length that is checked': {
    mark: (res) => {
      res.strictContentLength = true
    },
  },
  'something in front of write': { mark: (res) => passOn(res, 'write') },
  'something in front of end': { mark: (res) => passOn(res, 'end') },
  'something in front of writeHead': { mark: (res) => passOn(res, 'writeHead') },
  'a bound on requests for each connection': {
    mark: (_res, _nth, server) => {
      server.maxRequestsPerSocket = 3
    },
  },
  'a client that waits to be told to go on': {
    mark: (res) => void Object.assign(res, { _expect_continue: true }),
  },
  'a date of another second': { date: new Date((SECOND - 1) * 1_000).toUTCString() },
  'HTTP/1.0': { version: '1.0' },
  'no body': { status: 204, body: '' },
  'a body that is long': { body: Buffer.alloc(40_000, 'long') },
}

const USUAL: Readonly<Record<string, Circumstances>> = {
  'a short body': { body: 'short' },
  'a body of bytes': { body: Buffer.alloc(12_000, 'bytes') },
  'an error': { status: 404, body: 'none' },
  'a connection that says longer how long it stays': {
    mark: (_res, nth, server) => {
      if (nth === 3) server.keepAliveTimeout = 9_000
    },
  },
}

describe('WholeAnswers', () => {
  const servers: Server[] = []
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))))
  })

  /** All that comes over a connection with several requests at once, of which the last ends it. */
  async function receive(respond: Respond, circumstances: Circumstances): Promise<string> {
    const { body = 'body', status = 200, date = DATE, mark, version = '1.1' } = circumstances
    let nth = 0
    const server = createServer((_req, res) => {
      nth += 1
      mark?.(res, nth, server)
      const fields = ['Date', date, 'Content-Type', 'text/plain', 'X-Latin', 'caf\xe9']
      if (status !== 204) fields.push('Content-Length', String(body.length))
      respond(res, { status, fields, body }, nth)
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const keepAlive = `GET / HTTP/${version}\r\nHost: x\r\nConnection: keep-alive\r\n\r\n`
    const socket = await openRaw(url, {
      target: '/',
      headers: { Connection: 'keep-alive' },
      body: keepAlive.repeat(REQUESTS - 2) + keepAlive.replace('keep-alive', 'close'),
    })
    return (await readToEnd(socket)).toString('latin1')
  }

  const plainly: Respond = (res, { status, fields, body }) =>
    void res.writeHead(status, fields).end(body, 'latin1')

  /** Says in each answer of which request its head is. */
  const telling =
    (respond: Respond): Respond =>
    (res, answer, nth) =>
      respond(res, { ...answer, fields: [...answer.fields, 'X-Nth', nth] }, nth)
  const nthIn = (received: string) => [...received.matchAll(/X-Nth: (\d)/g)].map(([, nth]) => Number(nth))

  const sendingWith = (answers = new WholeAnswers<object>(() => SECOND * 1_000)): Respond => {
    const key = {}
    return (res, answer) => answers.send(res, key, { ...answer, head: headOf(answer.fields) })
  }

  for (const [name, circumstances] of Object.entries({ ...USUAL, ...UNUSUAL })) {
    it(`sends what Node would have sent: ${name}`, async () => {
      const expected = await receive(plainly, circumstances)
      expect(await receive(sendingWith(), circumstances)).to.equal(expected)
    })
  }

  for (const [name, circumstances] of Object.entries(USUAL).slice(0, 3)) {
    it(`sends from the third time on the head of the second: ${name}`, async () => {
      expect(nthIn(await receive(telling(sendingWith()), circumstances))).to.deep.equal([1, 2, 2, 2, 5])
    })
  }

  for (const [name, circumstances] of Object.entries(UNUSUAL)) {
    it(`lets Node write the head: ${name}`, async () => {
      const nths = nthIn(await receive(telling(sendingWith()), circumstances))
      expect(nths).to.deep.equal([1, 2, 3, 4, 5].slice(0, nths.length))
    })
  }

  it('lets Node write the head where the connection says longer how long it stays, and in another second', async () => {
    const longer = USUAL['a connection that says longer how long it stays'] as Circumstances
    expect(nthIn(await receive(telling(sendingWith()), longer))).to.deep.equal([1, 2, 2, 4, 5])
    let now = SECOND * 1_000
    const answers = new WholeAnswers<object>(() => now)
    const later: Respond = (res, answer, nth) => {
      if (nth === 4) now += 1_000
      sendingOne(res, answer, nth)
    }
    const sendingOne = sendingWith(answers)
    expect(nthIn(await receive(telling(later), {}))).to.deep.equal([1, 2, 2, 4, 5])
  })

  it('forgets all that it is told to', async () => {
    const answers = new WholeAnswers<object>(() => SECOND * 1_000)
    const sending = sendingWith(answers)
    const forgetting: Respond = (res, answer, nth) => {
      if (nth === 3) answers.clear()
      sending(res, answer, nth)
    }
    expect(nthIn(await receive(telling(forgetting), {}))).to.deep.equal([1, 2, 3, 4, 5])
  })

  describe('behind a head that has been written', () => {
    /** How many answers have left in one piece. */
    let whole = 0
    beforeEach(() => {
      whole = 0
    })
    const ending = (): Respond => {
      const answers = new WholeAnswers<Buffer>(() => SECOND * 1_000)
      const key = Buffer.alloc(12_000, 'bytes')
      return (res, { status, fields, body }) => {
        res.writeHead(status, fields)
        const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body
        if (answers.endWritten(res, key, bytes)) whole += 1
        else res.end(body, 'latin1')
      }
    }

    for (const [name, circumstances] of Object.entries({ ...USUAL, ...UNUSUAL })) {
      it(`sends what Node would have sent: ${name}`, async () => {
        const expected = await receive(plainly, circumstances)
        expect(await receive(ending(), circumstances)).to.equal(expected)
      })
    }

    it('sends in one piece what is the same, and nothing else', async () => {
      await receive(ending(), USUAL['a body of bytes'] as Circumstances)
      expect(whole).to.equal(REQUESTS - 3)
      whole = 0
      await receive(telling(ending()), USUAL['a body of bytes'] as Circumstances)
      expect(whole).to.equal(0)
    })

    it('leaves alone a body that is sent in chunks, and one of which something has left', async () => {
      const end = ending()
      const chunked: Respond = (res, answer, nth) => {
        const fields = answer.fields.slice(0, -2)
        end(res, { ...answer, fields }, nth)
      }
      const expected = await receive((res, { fields, body }) => {
        res.writeHead(200, fields.slice(0, -2)).end(body, 'latin1')
      }, {})
      expect(await receive(chunked, {})).to.equal(expected)
      const answers = new WholeAnswers<Buffer>(() => SECOND * 1_000)
      const bytes = Buffer.from('body')
      const flushing: Respond = (res, { status, fields }) => {
        res.writeHead(status, fields).flushHeaders()
        expect(answers.endWritten(res, bytes, bytes)).to.equal(false)
        res.end(bytes)
      }
      expect((await receive(flushing, {})).match(/\r\n\r\nbody/g)).to.have.lengthOf(REQUESTS)
    })
  })
})
