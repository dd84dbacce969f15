import { shapesOf } from '../shape.js'

const boom = (): Error => new Error('boom')

/** Errors before, between and after the answer. */
export const ERRORS = shapesOf('errors', {
  throw: () => {
    throw boom()
  },
  'next(err)': (_req, _res, next) => next(boom()),
  'next with a status': (_req, _res, next) => next(Object.assign(boom(), { status: 422 })),
  'next with headers': (_req, _res, next) =>
    next(Object.assign(boom(), { status: 401, headers: { 'WWW-Authenticate': 'Basic' } })),
  'a rejection': async () => {
    throw boom()
  },
  'a rejection with nothing': async () => {
    throw undefined
  },
  'throw of a text': () => {
    throw 'a text'
  },
  "next('route')": (_req, _res, next) => next('route'),
  "next('router')": (_req, _res, next) => next('router'),
  'next()': (_req, _res, next) => next(),
  'headers, then throw': (_req, res) => {
    res.set({ 'X-A': '1', 'Content-Type': 'text/csv' }).status(201)
    throw boom()
  },
  'a piece, then next(err)': (_req, res, next) => {
    res.write('partial')
    next(boom())
  },
  'a piece, then throw': (_req, res) => {
    res.write('partial')
    throw boom()
  },
  'a piece, then a rejection': async (_req, res) => {
    res.write('partial')
    await Promise.resolve()
    throw boom()
  },
  'a piece with a length, then next(err)': (_req, res, next) => {
    res.set('Content-Length', '100')
    res.write('partial')
    next(boom())
  },
  'an answer, then next(err)': (_req, res, next) => {
    res.json({ saved: true })
    next(boom())
  },
  'an answer, then throw': (_req, res) => {
    res.json({ saved: true })
    throw boom()
  },
  'an answer, then a rejection': async (_req, res) => {
    res.json({ saved: true })
    await Promise.resolve()
    throw boom()
  },
  'an answer, then a rejection in a later turn': async (_req, res) => {
    res.json({ saved: true })
    await new Promise(setImmediate)
    throw boom()
  },
  'an answer, then a rejection once it is closed': async (_req, res) => {
    res.json({ saved: true })
    await new Promise((resolve) => res.once('close', resolve))
    throw boom()
  },
  'an answer, then another': (_req, res) => {
    res.json({ saved: true })
    res.json({ saved: false })
  },
  'an answer, then another in a later turn': async (_req, res) => {
    res.json({ saved: true })
    await new Promise(setImmediate)
    res.status(500).json({ saved: false })
  },
  'an answer, then another if headersSent allows': (_req, res) => {
    res.json({ saved: true })
    if (!res.headersSent) res.status(500).json({ saved: false })
  },
  'an answer, then next()': (_req, res, next) => {
    res.json({ saved: true })
    next()
  },
  'more than is stored, then next(err)': (_req, res, next) => {
    res.write('long '.repeat(20_000))
    next(boom())
  },
  'an error that answers itself': {
    behind: () => [
      (_req, res, next) => {
        res.set('X-Behind', '1')
        next(boom())
      },
    ],
    handler: () => {},
  },
  'a failure of an answer in JSON': (_req, res) => {
    const cycle: Record<string, unknown> = {}
    cycle.itself = cycle
    res.json(cycle)
  },
  'setHeader after the answer': (_req, res) => {
    res.json({ saved: true })
    res.set('X-Late', '1')
  },
  'setHeader after the answer, caught': (_req, res, _next, probe) => {
    res.json({ saved: true })
    probe.tries('set', () => res.set('X-Late', '1'))
    probe.tries('remove', () => res.removeHeader('Content-Type'))
    probe.tries('append', () => res.appendHeader('X-Late', '1'))
    probe.tries('flush', () => res.flushHeaders())
  },
  'another status after the answer': (_req, res) => {
    res.json({ saved: true })
    res.statusCode = 500
  },
  'an uncaught error in a later turn, after the answer': (_req, res) => {
    res.on('close', () => {
      throw boom()
    })
    res.json({ saved: true })
  },
})
