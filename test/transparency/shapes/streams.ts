import { PassThrough, pipeline, Readable } from 'node:stream'
import { pipeline as pipelineOf } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { shapesOf } from '../shape.js'

const boom = (): Error => new Error('boom')

async function* failing(): AsyncGenerator<string> {
  yield 'one'
  throw boom()
}

/** What comes from streams, and what ends before its end. */
export const STREAMS = shapesOf('streams', {
  pipe: (_req, res) => void Readable.from(['one', 'two', 'three']).pipe(res),
  'pipe of buffers': (_req, res) => void Readable.from([Buffer.from('one'), Buffer.from('two')]).pipe(res),
  'pipe of one piece': (_req, res) => void Readable.from(['one']).pipe(res),
  'pipe of nothing': (_req, res) => void Readable.from([]).pipe(res),
  'pipe without an end': (_req, res) => {
    const source = Readable.from(['one', 'two'])
    source.pipe(res, { end: false })
    source.on('end', () => res.end('three'))
  },
  'pipe of much': (_req, res) => {
    Readable.from(Array.from({ length: 8 }, () => 'x'.repeat(30_000))).pipe(res)
  },
  'pipe through gzip': (_req, res) => {
    res.set('Content-Encoding', 'gzip')
    Readable.from(['one', 'two']).pipe(createGzip()).pipe(res)
  },
  'pipe of a source that fails': {
    headers: { Connection: 'close' },
    isNeverPipelined: true,
    handler: (_req, res) => {
      Readable.from(failing())
        .on('error', () => res.destroy())
        .pipe(res)
    },
  },
  'pipe of a source that fails at once': (_req, res, next) => {
    const source = new Readable({ read: () => void source.destroy(boom()) })
    source.on('error', next).pipe(res)
  },
  pipeline: (_req, res, _next, probe) => {
    pipeline(Readable.from(['one', 'two']), res, (error) => probe.saw('over', error?.message))
  },
  'pipeline that fails': {
    isNeverPipelined: true,
    handler: (_req, res, _next, probe) => {
      pipeline(Readable.from(failing()), res, (error) => probe.saw('over', error?.message))
    },
  },
  'pipeline that fails at once': {
    isNeverPipelined: true,
    handler: (_req, res, next) => {
      const source = new Readable({ read: () => void source.destroy(boom()) })
      pipeline(source, res, (error) => error && next(error))
    },
  },
  'pipeline of promises': async (_req, res, _next, probe) => {
    await pipelineOf(Readable.from(['one', 'two']), new PassThrough(), res)
    probe.sawState(res, 'over')
  },
  'pipeline of promises that fails': {
    isNeverPipelined: true,
    handler: async (_req, res) => pipelineOf(Readable.from(failing()), res),
  },
  'for await into write': async (_req, res) => {
    for await (const piece of Readable.from(['one', 'two'])) res.write(piece)
    res.end()
  },
  'destroy at once': (_req, res) => void res.destroy(),
  'destroy with an error': (_req, res) => void res.destroy(boom()),
  'destroy after a piece': {
    isNeverPipelined: true,
    handler: (_req, res) => {
      res.write('one', () => res.destroy())
    },
  },
  'destroy after the head': (_req, res) => {
    res.writeHead(200)
    res.destroy()
  },
  'destroy after the end': (_req, res) => {
    res.end('text')
    res.destroy()
  },
  'destroy after the end, in a later turn': (_req, res) => {
    res.end('text')
    res.once('finish', () => res.destroy())
  },
  'destroy, then write and end': (_req, res, _next, probe) => {
    res.destroy()
    probe.tries('write', () => res.write('one'))
    probe.tries('end', () => {
      res.end('two')
    })
    probe.sawState(res, 'over')
  },
  'destroy of the socket': (req, _res) => void req.socket.destroy(),
  'destroy of the socket after a piece': {
    isNeverPipelined: true,
    handler: (req, res) => {
      res.write('one', () => req.socket.destroy())
    },
  },
  'end of the socket': {
    isNeverPipelined: true,
    handler: (req, res) => {
      res.end('text')
      req.socket.end()
    },
  },
  'destroy of the request': (req, _res) => void req.destroy(),
  'the client leaves before the answer': (_req, res, _next, probe) => {
    res.once('close', () => {
      probe.sawState(res, 'closed')
      res.json({ late: true })
    })
    probe.clientLeaves()
  },
  'the client leaves, and nothing is answered': (_req, _res, _next, probe) => void probe.clientLeaves(),
  'the client leaves, and the handler fails': (_req, res, next, probe) => {
    res.once('close', () => next(boom()))
    probe.clientLeaves()
  },
  'the client leaves, and the handler rejects': {
    isNeverPipelined: true,
    handler: async (_req, res, _next, probe) => {
      const closed = new Promise((resolve) => res.once('close', resolve))
      probe.clientLeaves()
      await closed
      throw boom()
    },
  },
  'the client leaves, and a stream goes on': (_req, res, _next, probe) => {
    res.once('close', () => {
      Readable.from(['one', 'two']).pipe(res)
    })
    probe.clientLeaves()
  },
  'the client leaves, and a pipeline begins': (_req, res, _next, probe) => {
    res.once('close', () => {
      pipeline(Readable.from(['one', 'two']), res, (error) => probe.saw('over', error?.code))
    })
    probe.clientLeaves()
  },
  'the client leaves after a piece': {
    leaveAfter: 'one',
    isNeverPipelined: true,
    handler: (_req, res, _next, probe) => {
      res.once('close', () => probe.sawState(res, 'closed'))
      res.write('one')
    },
  },
  'the client leaves after the head': {
    leaveAfter: '\r\n\r\n',
    isNeverPipelined: true,
    handler: (_req, res, _next, probe) => {
      res.once('close', () => {
        probe.sawState(res, 'closed')
        res.end('late')
      })
      res.flushHeaders()
    },
  },
  'the client leaves after a piece, and more is written': {
    leaveAfter: 'one',
    isNeverPipelined: true,
    handler: (_req, res, _next, probe) => {
      res.once('close', () => {
        probe.saw('write', res.write('two'))
        res.end('three')
      })
      res.write('one')
    },
  },
})
