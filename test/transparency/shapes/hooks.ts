import type { RequestHandler } from 'express'
import onFinished from 'on-finished'
import onHeaders from 'on-headers'
import onHeaders10 from 'on-headers-1-0'
import type { Probe } from '../probe.js'
import { type Shape, type ShapeHandler, shapesOf } from '../shape.js'

type Hook = (probe: Probe) => RequestHandler

const setsOnHead: Hook = () => (_req, res, next) => {
  onHeaders(res, () => res.setHeader('X-Hook', '1'))
  next()
}
const setsOnOldHead: Hook = () => (_req, res, next) => {
  onHeaders10(res, () => res.setHeader('X-Hook', '1'))
  next()
}
const setsCookieOnHead: Hook = () => (_req, res, next) => {
  onHeaders(res, () => res.setHeader('Set-Cookie', 'sid=1'))
  next()
}
const forbidsStoringOnHead: Hook = () => (_req, res, next) => {
  onHeaders(res, () => res.setHeader('Cache-Control', 'no-store'))
  next()
}
const changesStatusOnHead: Hook = () => (_req, res, next) => {
  onHeaders(res, () => {
    res.statusCode = 202
  })
  next()
}
const hearsFinish: Hook = (probe) => (_req, res, next) => {
  onFinished(res, (error) => probe.saw('finished', error))
  next()
}
const overridesWriteHead: Hook = () => (_req, res, next) => {
  const { writeHead } = res
  res.writeHead = function override(this: typeof res, ...args: unknown[]) {
    res.setHeader('X-Override', '1')
    return Reflect.apply(writeHead, this, args)
  } as typeof writeHead
  next()
}
const overridesWriteHeadAndReturnsNothing: Hook = () => (_req, res, next) => {
  const { writeHead } = res
  res.writeHead = function override(this: typeof res, ...args: unknown[]) {
    Reflect.apply(writeHead, this, args)
  } as typeof writeHead
  next()
}
const overridesWriteAndEnd: Hook = () => (_req, res, next) => {
  const { write, end } = res
  const shout = ([chunk, ...rest]: unknown[]): unknown[] => [
    typeof chunk === 'string' ? chunk.toUpperCase() : chunk,
    ...rest,
  ]
  res.write = function override(this: typeof res, ...args: unknown[]) {
    return Reflect.apply(write, this, shout(args))
  } as typeof write
  res.end = function override(this: typeof res, ...args: unknown[]) {
    return Reflect.apply(end, this, shout(args))
  } as typeof end
  next()
}
const countsBytes: Hook = (probe) => (_req, res, next) => {
  const { write, end } = res
  let bytes = 0
  const count = (chunk: unknown): void => {
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) bytes += chunk.length
  }
  res.write = function override(this: typeof res, ...args: unknown[]) {
    count(args[0])
    return Reflect.apply(write, this, args)
  } as typeof write
  res.end = function override(this: typeof res, ...args: unknown[]) {
    count(args[0])
    probe.saw('bytes', bytes)
    return Reflect.apply(end, this, args)
  } as typeof end
  next()
}
const overridesSetHeader: Hook = () => (_req, res, next) => {
  const { setHeader } = res
  res.setHeader = function override(this: typeof res, name: string, value: never) {
    return Reflect.apply(setHeader, this, name.toLowerCase() === 'x-a' ? [name, 'overridden'] : [name, value])
  } as typeof setHeader
  next()
}
const overridesJson: Hook = () => (_req, res, next) => {
  const { json } = res
  res.json = function override(this: typeof res, body: unknown) {
    return Reflect.apply(json, this, [{ data: body }])
  } as typeof json
  next()
}
/** As a session does: what is to be kept is written before the end of the answer. */
const endsLater: Hook = () => (_req, res, next) => {
  const { end } = res
  res.end = function override(this: typeof res, ...args: unknown[]) {
    setImmediate(() => Reflect.apply(end, this, args))
    return this
  } as typeof end
  next()
}
const throwsOnHead: Hook = () => (_req, res, next) => {
  onHeaders(res, () => {
    throw new Error('hook')
  })
  next()
}
const redefinesHeadersSent: Hook = () => (_req, res, next) => {
  Object.defineProperty(res, 'headersSent', { get: () => false, configurable: true })
  next()
}
/** Each answer of an application is its own, so whoever gets it may write into it. */
const writesIntoBytes: Hook = () => (_req, res, next) => {
  const { end } = res
  res.end = function override(this: typeof res, ...args: unknown[]) {
    const [chunk] = args
    if (chunk instanceof Uint8Array) chunk[9] = (chunk[9] ?? 0) + 1
    return Reflect.apply(end, this, args)
  } as typeof end
  next()
}
const addsToList: Hook = () => (_req, res, next) => {
  onHeaders(res, () => {
    const links = res.getHeader('Link')
    if (Array.isArray(links)) links.push('<added>')
  })
  next()
}

const HOOKS: Readonly<Record<string, Hook>> = {
  'on-headers 1.1 sets a header': setsOnHead,
  'on-headers 1.0 sets a header': setsOnOldHead,
  'on-headers sets a cookie': setsCookieOnHead,
  'on-headers forbids storing': forbidsStoringOnHead,
  'on-headers changes the status': changesStatusOnHead,
  'on-headers throws': throwsOnHead,
  'on-finished': hearsFinish,
  'writeHead overridden': overridesWriteHead,
  'writeHead overridden without a result': overridesWriteHeadAndReturnsNothing,
  'write and end overridden': overridesWriteAndEnd,
  'bytes counted': countsBytes,
  'setHeader overridden': overridesSetHeader,
  'json overridden': overridesJson,
  'end overridden to be later': endsLater,
  'headersSent redefined': redefinesHeadersSent,
  'bytes changed in place': writesIntoBytes,
  'a list of values added to in place': addsToList,
}

const ANSWERS: Readonly<Record<string, ShapeHandler>> = {
  'long JSON': (_req, res) => void res.set('Link', ['<a>', '<b>']).json({ a: 'long '.repeat(300) }),
  JSON: (_req, res) => void res.set('X-A', '1').json({ a: 1 }),
  pieces: (_req, res) => {
    res.setHeader('X-A', '1')
    res.write('one')
    res.end('two')
  },
  'writeHead and end': (_req, res) => {
    res.writeHead(200, { 'X-A': '1', Link: ['<a>', '<b>'] })
    res.end('body')
  },
  'writeHead with a list, and end': (_req, res) => {
    res.writeHead(200, ['X-A', '1', 'Link', '<a>', 'Link', '<b>'])
    res.end('body')
  },
}

/** Hooks on the response, in front of the cache and behind it. */
export const HOOK_SHAPES: readonly Shape[] = Object.entries(HOOKS).flatMap(([hook, make]) =>
  Object.entries(ANSWERS).flatMap(([answer, handler]) =>
    shapesOf('hooks', {
      [`${hook}, in front of ${answer}`]: { front: (probe) => [make(probe)], handler },
      [`${hook}, behind, with ${answer}`]: { behind: (probe) => [make(probe)], handler },
    }),
  ),
)
