import { shapesOf } from '../shape.js'

/** Every form of `writeHead`, and what comes before and after it. */
export const WRITE_HEAD = shapesOf('writeHead', {
  status: (_req, res) => {
    res.writeHead(200)
    res.end('body')
  },
  'status and message': (_req, res) => {
    res.writeHead(200, 'Fine')
    res.end('body')
  },
  'an error status and message': (_req, res) => {
    res.writeHead(404, 'Gone Fishing')
    res.end('body')
  },
  'status and an object': (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'text/plain', 'X-List': ['a', 'b'], 'X-Number': 7 })
    res.end('body')
  },
  'status, message and an object': (_req, res) => {
    res.writeHead(203, 'Elsewhere', { 'X-A': '1' })
    res.end('body')
  },
  'status, undefined and an object': (_req, res) => {
    res.writeHead(200, undefined, { 'X-A': '1' })
    res.end('body')
  },
  'status and a flat list': (_req, res) => {
    res.writeHead(200, ['X-A', '1', 'X-B', '2', 'X-A', '3'])
    res.end('body')
  },
  'status and a flat list after setHeader': (_req, res) => {
    res.setHeader('X-A', '0')
    res.writeHead(200, ['X-A', '1', 'X-B', '2'])
    res.end('body')
  },
  'status and a flat list that repeats a name after setHeader': (_req, res) => {
    res.setHeader('X-Z', '0')
    res.writeHead(200, ['X-A', '1', 'x-a', '2'])
    res.end('body')
  },
  'status and a list of odd length': (_req, res) => {
    res.writeHead(200, ['X-A', '1', 'X-B'])
    res.end('body')
  },
  'status and a list of pairs': (_req, res) => {
    res.writeHead(200, [
      ['X-A', '1'],
      ['X-B', '2'],
    ] as never)
    res.end('body')
  },
  'status and a list of pairs after setHeader': (_req, res, _next, probe) => {
    res.setHeader('X-Z', '0')
    probe.tries('writeHead', () => res.writeHead(200, [['X-A', '1']] as never))
    res.end('body')
  },
  'status and null': (_req, res) => {
    res.writeHead(200, null as never)
    res.end('body')
  },
  chained: (_req, res) => {
    res.writeHead(200, { 'X-A': '1' }).end('body')
  },
  'chained after setHeader': (_req, res) => {
    res.setHeader('X-Z', '0').writeHead(201, { 'X-A': '1' }).end('body')
  },
  'nothing but the head': (_req, res) => {
    res.writeHead(200, { 'X-A': '1' })
    res.end()
  },
  'with a Content-Length': (_req, res) => {
    res.writeHead(200, { 'Content-Length': 4 })
    res.end('body')
  },
  'with a Content-Length, and pieces': (_req, res) => {
    res.writeHead(200, { 'Content-Length': '8' })
    res.write('body')
    res.end('body')
  },
  'and the state around it': (_req, res, _next, probe) => {
    probe.sawState(res, 'before')
    res.writeHead(202)
    probe.sawState(res, 'after')
    res.end('body')
    probe.sawState(res, 'ended')
  },
  'and what getHeaders says after it': (_req, res, _next, probe) => {
    res.setHeader('X-Z', '0')
    res.writeHead(200, { 'X-A': '1' })
    probe.saw('X-A', res.getHeader('x-a'))
    probe.saw(
      'names',
      res.getHeaderNames().filter((name) => !/cache/.test(name)),
    )
    res.end('body')
  },
  'and setHeader after it': (_req, res) => {
    res.writeHead(200)
    res.setHeader('X-Late', '1')
    res.end('body')
  },
  'and removeHeader after it': (_req, res, _next, probe) => {
    res.setHeader('X-Z', '0')
    res.writeHead(200)
    probe.tries('removeHeader', () => res.removeHeader('X-Z'))
    res.end('body')
  },
  'and another status after it': (_req, res) => {
    res.writeHead(201)
    res.statusCode = 200
    res.end('body')
  },
  'and another message after it': (_req, res) => {
    res.writeHead(200)
    res.statusMessage = 'Late'
    res.end('body')
  },
  twice: (_req, res) => {
    res.writeHead(200)
    res.writeHead(404)
    res.end('body')
  },
  'twice, and the second is caught': (_req, res, _next, probe) => {
    res.writeHead(200, { 'X-A': '1' })
    probe.tries('second', () => res.writeHead(404, { 'X-B': '2' }))
    res.end('body')
  },
  'after end': (_req, res, _next, probe) => {
    res.end('body')
    probe.tries('writeHead', () => res.writeHead(404))
  },
  'and res.json after it': (_req, res) => {
    res.writeHead(200, { 'Content-Type': 'application/json' })
    res.json({ late: true })
  },
  'and res.send after it, caught': (_req, res, _next, probe) => {
    res.writeHead(200, { 'Content-Type': 'application/json' })
    probe.tries('send', () => res.send('late'))
    res.end('body')
  },
  'and next(err) after it': (_req, res, next) => {
    res.writeHead(200)
    next(new Error('boom'))
  },
  'and throw after it': (_req, res) => {
    res.writeHead(200)
    throw new Error('boom')
  },
  'status 0': (_req, res) => {
    res.writeHead(0)
    res.end('body')
  },
  'status 99': (_req, res) => {
    res.writeHead(99)
    res.end('body')
  },
  'status 1000': (_req, res) => {
    res.writeHead(1000)
    res.end('body')
  },
  'status as text': (_req, res) => {
    res.writeHead('201' as never)
    res.end('body')
  },
  'status NaN': (_req, res) => {
    res.writeHead(Number.NaN)
    res.end('body')
  },
  'status undefined': (_req, res) => {
    res.writeHead(undefined as never)
    res.end('body')
  },
  'status 200.9': (_req, res) => {
    res.writeHead(200.9)
    res.end('body')
  },
  'a message with a line break': (_req, res) => {
    res.writeHead(200, 'two\r\nlines')
    res.end('body')
  },
  'a header that is undefined': (_req, res) => {
    res.writeHead(200, { 'X-A': undefined } as never)
    res.end('body')
  },
  'a header with a line break': (_req, res) => {
    res.writeHead(200, { 'X-A': 'two\r\nlines' })
    res.end('body')
  },
  'a header whose name has a space': (_req, res) => {
    res.writeHead(200, { 'X A': '1' })
    res.end('body')
  },
  'refused, and then answered otherwise': (_req, res, _next, probe) => {
    probe.tries('writeHead', () => res.writeHead(1000))
    res.status(500).end('caught')
  },
  'status 204': (_req, res) => {
    res.writeHead(204)
    res.end()
  },
  'status 204 and a body': (_req, res) => {
    res.writeHead(204)
    res.end('body')
  },
  'status 304': (_req, res) => {
    res.writeHead(304, { ETag: '"v1"' })
    res.end()
  },
  'Set-Cookie as a list': (_req, res) => {
    res.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'] })
    res.end('body')
  },
  'Transfer-Encoding gzip': {
    headers: { Connection: 'close' },
    isNeverPipelined: true,
    handler: (_req, res) => {
      res.writeHead(200, { 'Transfer-Encoding': 'gzip' })
      res.end('body')
    },
  },
  'Connection: close': (_req, res) => {
    res.writeHead(200, { Connection: 'close' })
    res.end('body')
  },
})
