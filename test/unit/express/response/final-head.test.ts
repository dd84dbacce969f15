import type { RequestListener } from 'node:http'
import { expect } from 'chai'
import { withField } from '#src/express/response/field-line.js'
import { type AnswerHead, givenFields, onFinalHead } from '#src/express/response/final-head.js'
import { listen } from '../../../support/http.js'

describe('onFinalHead', () => {
  async function headsOf(handler: RequestListener): Promise<AnswerHead[]> {
    const heads: AnswerHead[] = []
    const server = await listen((req, res) => {
      onFinalHead(res, (head) => heads.push(head))
      handler(req, res)
    })
    await fetch(server.url)
    await server.close()
    return heads
  }

  it('tells what hooks have made of a head', async () => {
    const [head] = await headsOf((_req, res) => {
      const { writeHead } = res
      res.writeHead = function hook(...args: unknown[]) {
        res.setHeader('X-Hook', '1')
        return Reflect.apply(writeHead, res, args)
      } as typeof writeHead
      res.writeHead(201, { 'X-Given': 'a' }).end()
    })
    expect(head?.status).to.equal(201)
    expect(head?.headers).to.include({ 'x-hook': '1', 'x-given': 'a' })
  })

  it('tells the fields of writeHead alone', async () => {
    const [head] = await headsOf((_req, res) => void res.writeHead(200, ['X-A', '1', 'X-A', '2']).end())
    expect(head?.headers).to.deep.include({ 'x-a': ['1', '2'] })
  })
})

describe('givenFields', () => {
  const cases: [args: unknown[], fields: object][] = [
    [[200], {}],
    [[200, 'Fine'], {}],
    [[200, { A: '1', B: undefined }], { a: '1' }],
    [[200, 'Fine', { A: ['1', '2'] }], { a: ['1', '2'] }],
    [[200, undefined, { A: '1' }], { a: '1' }],
    [[200, ['A', '1', 'a', '2']], { a: ['1', '2'] }],
    [
      [
        200,
        [
          ['A', '1'],
          ['B', '2'],
        ],
      ],
      { a: '1', b: '2' },
    ],
  ]
  for (const [args, fields] of cases) {
    it(`reads writeHead(${JSON.stringify(args).slice(1, -1)})`, () => {
      expect({ ...givenFields(args) }).to.deep.equal(fields)
    })
  }
})

describe('withField', () => {
  it('adds a last line to a head, and leaves what is behind it', () => {
    const message = 'HTTP/1.1 200 OK\r\nA: 1\r\n\r\nbody\r\n\r\nmore'
    expect(withField(message, 'B', '2')).to.equal('HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\n\r\nbody\r\n\r\nmore')
    expect(withField('no head', 'B', '2')).to.equal('no head')
  })
})
