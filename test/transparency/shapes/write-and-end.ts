import { shapesOf } from '../shape.js'

/** Every form of `write` and `end`. */
export const WRITE_AND_END = shapesOf('write and end', {
  'a text': (_req, res) => void res.end('text'),
  'a text with an encoding': (_req, res) => void res.end('aGFsbG8=', 'base64'),
  'hex, latin1 and utf16': (_req, res) => {
    res.write('c3bc', 'hex')
    res.write('ü', 'latin1')
    res.end('ü', 'utf16le')
  },
  'an unknown encoding': {
    isNeverPipelined: true,
    handler: (_req, res) => {
      res.write('text', 'utf-9000' as never)
      res.end()
    },
  },
  'a buffer': (_req, res) => void res.end(Buffer.from([0, 255, 10, 13])),
  'a Uint8Array': (_req, res) => void res.end(new Uint8Array([65, 66, 67])),
  'a part of a Uint8Array': (_req, res) => void res.end(new Uint8Array([65, 66, 67]).subarray(1)),
  'a Uint16Array': (_req, res) => void res.end(new Uint16Array([65, 66]) as never),
  'an ArrayBuffer': (_req, res) => void res.end(new ArrayBuffer(2) as never),
  nothing: (_req, res) => void res.end(),
  'an empty text': (_req, res) => void res.end(''),
  null: (_req, res) => void res.end(null),
  undefined: (_req, res) => void res.end(undefined),
  'a number': (_req, res) => void res.end(5 as never),
  'an object': (_req, res) => void res.end({} as never),
  true: (_req, res) => void res.end(true as never),
  zero: (_req, res) => void res.end(0 as never),
  'a list': (_req, res) => void res.end(['a'] as never),
  'a number, caught': (_req, res, _next, probe) => {
    probe.tries('end', () => res.end(5 as never))
    res.end('five')
  },
  'a number is written': (_req, res) => {
    res.write(5 as never)
    res.end('end')
  },
  'null is written': (_req, res) => {
    res.write(null as never)
    res.end('end')
  },
  'undefined is written': (_req, res) => {
    res.write(undefined as never)
    res.end('end')
  },
  'an object is written, caught': (_req, res, _next, probe) => {
    res.write('one')
    probe.tries('write', () => res.write({} as never))
    res.end('two')
  },
  'an empty text is written': (_req, res) => {
    res.write('')
    res.end('end')
  },
  'only an empty text is written': (_req, res) => {
    res.write('')
    res.end()
  },
  pieces: (_req, res) => {
    res.write('one, ')
    res.write(Buffer.from('two, '))
    res.end('three')
  },
  'pieces with callbacks': (_req, res, _next, probe) => {
    res.write('one', (error) => probe.saw('first written', error))
    res.write('two', 'utf8', (error) => probe.saw('second written', error))
    res.end('three', () => probe.saw('ended'))
  },
  'a piece in each turn': async (_req, res) => {
    for (const piece of ['one', 'two', 'three']) {
      res.write(piece)
      await Promise.resolve()
    }
    res.end()
  },
  'a piece in each turn of the event loop': async (_req, res) => {
    for (const piece of ['one', 'two', 'three']) {
      res.write(piece)
      await new Promise(setImmediate)
    }
    res.end()
  },
  'a piece waits for the one before': (_req, res) => {
    res.write('one', () => res.write('two', () => res.end('three')))
  },
  'what write returns': (_req, res, _next, probe) => {
    probe.saw('small', res.write('small'))
    probe.saw('large', res.write('x'.repeat(100_000)))
    res.end()
  },
  'what end returns': (_req, res, _next, probe) => {
    probe.saw('itself', res.end('text') === res)
  },
  'end with a callback alone': (_req, res, _next, probe) => {
    res.end(() => probe.saw('ended'))
  },
  'end with text, encoding and callback': (_req, res, _next, probe) => {
    res.end('text', 'utf8', () => probe.saw('ended'))
  },
  'end twice': (_req, res) => {
    res.end('one')
    res.end('two')
  },
  'end twice with a callback': (_req, res, _next, probe) => {
    res.end('one')
    res.end('two', (error?: Error) => probe.saw('second', (error as NodeJS.ErrnoException | undefined)?.code))
  },
  'write after end, with somebody who hears of it': (_req, res, _next, probe) => {
    res.on('error', (error: NodeJS.ErrnoException) => probe.saw('error', error.code))
    res.end('one')
    probe.tries('write', () => res.write('two', (error) => probe.saw('written', error?.message)))
  },
  'write after end, with nobody who hears of it': (_req, res) => {
    res.end('one')
    res.write('two')
  },
  'the state at each step': (_req, res, _next, probe) => {
    probe.sawState(res, 'before')
    res.write('one')
    probe.sawState(res, 'written')
    res.on('finish', () => probe.sawState(res, 'finish'))
    res.on('close', () => probe.sawState(res, 'close'))
    res.end('two')
    probe.sawState(res, 'ended')
  },
  'the state of an answer in one go': (_req, res, _next, probe) => {
    res.on('prefinish', () => probe.sawState(res, 'prefinish'))
    res.on('finish', () => probe.sawState(res, 'finish'))
    res.end('text')
    probe.sawState(res, 'ended')
  },
  'writableLength and others': (_req, res, _next, probe) => {
    probe.saw('high water mark', res.writableHighWaterMark)
    probe.saw('object mode', res.writableObjectMode)
    probe.saw('corked', res.writableCorked)
    res.end('text')
    probe.saw('need drain', res.writableNeedDrain)
  },
  'cork and uncork': (_req, res) => {
    res.cork()
    res.write('one')
    res.write('two')
    res.uncork()
    res.end('three')
  },
  'cork without uncork': (_req, res, _next, probe) => {
    res.cork()
    probe.saw('corked', res.writableCorked)
    res.write('one')
    res.end('two')
  },
  'a long body': (_req, res) => void res.end('long '.repeat(10_000)),
  'a body longer than is stored': (_req, res) => void res.end('long '.repeat(20_000)),
  'long pieces': (_req, res) => {
    for (let count = 0; count < 6; count += 1) res.write('x'.repeat(70_000))
    res.end('end')
  },
  'long pieces that wait for drain': (_req, res) => {
    let left = 6
    const write = (): void => {
      while (left > 0) {
        left -= 1
        if (!res.write('x'.repeat(70_000)) && left > 0) {
          res.once('drain', write)
          return
        }
      }
      res.end('end')
    }
    write()
  },
  'an answer to HTTP/1.0': { version: '1.0', handler: (_req, res) => void res.end('text') },
  'pieces for HTTP/1.0': {
    version: '1.0',
    handler: (_req, res) => {
      res.write('one')
      res.end('two')
    },
  },
  'a HEAD': { isHead: true, handler: (_req, res) => void res.end('text') },
  'pieces for a HEAD': {
    isHead: true,
    handler: (_req, res) => {
      res.write('one')
      res.end('two')
    },
  },
})
