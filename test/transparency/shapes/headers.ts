import { shapesOf } from '../shape.js'

/** Headers, status and what leaves ahead of the body. */
export const HEADERS = shapesOf('headers', {
  setHeader: (_req, res) => {
    res.setHeader('X-A', '1')
    res.setHeader('X-List', ['a', 'b'])
    res.setHeader('X-Number', 7)
    res.end('body')
  },
  'the case of a name': (_req, res) => {
    res.setHeader('x-LOWER-upper', '1')
    res.end('body')
  },
  'the text undefined': (_req, res) => {
    res.setHeader('X-A', 'undefined')
    res.end('body')
  },
  'an empty value': (_req, res) => {
    res.setHeader('X-A', '')
    res.end('body')
  },
  'a value in Latin-1': (_req, res) => {
    res.setHeader('X-A', 'hällo')
    res.end('body')
  },
  'a value that is no Latin-1': (_req, res) => {
    res.setHeader('X-A', '✓')
    res.end('body')
  },
  'a name that is none': (_req, res) => {
    res.setHeader('X A', '1')
    res.end('body')
  },
  'a value that is undefined': (_req, res) => {
    res.setHeader('X-A', undefined as never)
    res.end('body')
  },
  appendHeader: (_req, res) => {
    res.appendHeader('X-A', '1')
    res.appendHeader('X-A', ['2', '3'])
    res.end('body')
  },
  setHeaders: (_req, res) => {
    res.setHeaders(new Map([['X-A', '1']]))
    res.setHeaders(new Headers({ 'X-B': '2' }))
    res.end('body')
  },
  removeHeader: (_req, res) => {
    res.setHeader('X-A', '1')
    res.removeHeader('X-A')
    res.removeHeader('X-Powered-By')
    res.removeHeader('Date')
    res.end('body')
  },
  'Content-Length is removed': (_req, res) => {
    res.setHeader('X-A', '1')
    res.removeHeader('Content-Length')
    res.end('body')
  },
  'Transfer-Encoding is removed': {
    headers: { Connection: 'close' },
    isNeverPipelined: true,
    handler: (_req, res) => {
      res.removeHeader('Transfer-Encoding')
      res.write('one')
      res.end('two')
    },
  },
  'no Date': (_req, res) => {
    res.sendDate = false
    res.end('body')
  },
  'a Date of its own': (_req, res) => {
    res.setHeader('Date', 'Thu, 01 Jan 1970 00:00:00 GMT')
    res.end('body')
  },
  'Connection: close': (_req, res) => {
    res.setHeader('Connection', 'close')
    res.end('body')
  },
  'shouldKeepAlive is false': (_req, res) => {
    res.shouldKeepAlive = false
    res.end('body')
  },
  'Content-Length too short': (_req, res) => {
    res.setHeader('Content-Length', '2')
    res.end('body')
  },
  'Content-Length too long': {
    isNeverPipelined: true,
    headers: { Connection: 'close' },
    handler: (_req, res) => {
      res.setHeader('Content-Length', '9')
      res.end('body')
    },
  },
  'strictContentLength, too short': (_req, res) => {
    res.strictContentLength = true
    res.setHeader('Content-Length', '2')
    res.end('body')
  },
  'strictContentLength, too long': (_req, res) => {
    res.strictContentLength = true
    res.setHeader('Content-Length', '9')
    res.end('body')
  },
  'strictContentLength, and right': (_req, res) => {
    res.strictContentLength = true
    res.setHeader('Content-Length', '4')
    res.end('body')
  },
  'strictContentLength, too much in pieces': (_req, res) => {
    res.strictContentLength = true
    res.setHeader('Content-Length', '5')
    res.write('body')
    res.write('body')
    res.end()
  },
  statusMessage: (_req, res) => {
    res.statusMessage = 'Fine'
    res.end('body')
  },
  'a statusMessage that cannot be sent': (_req, res) => {
    res.statusMessage = 'gelöscht ✓'
    res.end('body')
  },
  'a statusMessage with a line break': (_req, res) => {
    res.statusMessage = 'two\r\nlines'
    res.json({})
  },
  'statusCode 0': (_req, res) => {
    res.statusCode = 0
    res.end('body')
  },
  'statusCode 99': (_req, res) => {
    res.statusCode = 99
    res.end('body')
  },
  'statusCode 1000': (_req, res) => {
    res.statusCode = 1000
    res.end('body')
  },
  'statusCode as text': (_req, res) => {
    res.statusCode = '200' as never
    res.end('body')
  },
  'status 204 with a body': (_req, res) => {
    res.statusCode = 204
    res.end('body')
  },
  'status 205': (_req, res) => {
    res.statusCode = 205
    res.end()
  },
  'status 304 with a body': (_req, res) => {
    res.statusCode = 304
    res.end('body')
  },
  'an unknown status': (_req, res) => {
    res.statusCode = 299
    res.end('body')
  },
  flushHeaders: (_req, res) => {
    res.setHeader('X-A', '1')
    res.flushHeaders()
    res.end('body')
  },
  'flushHeaders twice, and pieces': (_req, res) => {
    res.flushHeaders()
    res.flushHeaders()
    res.write('one')
    res.end('two')
  },
  'flushHeaders with a length': (_req, res) => {
    res.setHeader('Content-Length', '4')
    res.flushHeaders()
    res.end('body')
  },
  'flushHeaders, then setHeader': (_req, res) => {
    res.flushHeaders()
    res.setHeader('X-Late', '1')
    res.end('body')
  },
  'flushHeaders, and the state': (_req, res, _next, probe) => {
    res.flushHeaders()
    probe.sawState(res, 'flushed')
    res.end('body')
    probe.sawState(res, 'ended')
  },
  'flushHeaders, then next(err)': (_req, res, next) => {
    res.flushHeaders()
    next(new Error('boom'))
  },
  'early hints': (_req, res) => {
    res.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' })
    res.end('body')
  },
  'early hints with a callback': (_req, res, _next, probe) => {
    res.writeEarlyHints({ link: ['</a.css>; rel=preload', '</b.js>; rel=preload'], 'x-hint': '1' }, () =>
      probe.saw('hinted'),
    )
    res.end('body')
  },
  'early hints that are wrong': (_req, res) => {
    res.writeEarlyHints({ link: 'nonsense' })
    res.end('body')
  },
  'writeContinue and writeProcessing': (_req, res) => {
    res.writeContinue()
    res.writeProcessing()
    res.end('body')
  },
  trailers: (_req, res) => {
    res.setHeader('Trailer', 'X-Sum')
    res.write('one')
    res.addTrailers({ 'X-Sum': '42' })
    res.end()
  },
  'trailers as a list': (_req, res) => {
    res.write('one')
    res.addTrailers([['X-Sum', '42']])
    res.end('two')
  },
  'trailers of an answer in one go': (_req, res) => {
    res.addTrailers({ 'X-Sum': '42' })
    res.end('one')
  },
  'a trailer that is wrong': (_req, res) => {
    res.write('one')
    res.addTrailers({ 'X Sum': '42' })
    res.end()
  },
  'hasHeader, getHeaders and the like': (_req, res, _next, probe) => {
    res.setHeader('X-A', '1')
    res.setHeader('X-B', ['1', '2'])
    probe.saw('has', res.hasHeader('x-a'))
    probe.saw('list', JSON.stringify(res.getHeader('X-B')))
    probe.saw(
      'names',
      res.getHeaderNames().filter((name) => !/cache/.test(name)),
    )
    res.end('body')
  },
  'getHeaders of an ended answer': (_req, res, _next, probe) => {
    res.json({ a: 1 })
    probe.saw('type', res.getHeader('content-type'))
    probe.saw('length', res.getHeader('content-length'))
    probe.saw('header', typeof (res as unknown as { _header: unknown })._header)
  },
  'the socket': (_req, res, _next, probe) => {
    probe.saw('same', res.socket === res.req.socket || res.socket === null)
    res.end('body')
    probe.saw('destroyed', res.req.socket.destroyed)
  },
  setTimeout: (_req, res, _next, probe) => {
    probe.saw('itself', res.setTimeout(10_000) === res)
    res.end('body')
  },
})
