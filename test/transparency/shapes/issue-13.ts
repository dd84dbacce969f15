import cookieSession from 'cookie-session'
import type { RequestHandler } from 'express'
import onHeaders10 from 'on-headers-1-0'
import responseTime from 'response-time'
import { shapesOf } from '../shape.js'

const boom = (): Error => new Error('boom')
const session = (): RequestHandler =>
  cookieSession({ name: 'sid', keys: ['a key of the test'] }) as RequestHandler

/** What was found first, by its number in the issue; the shapes of other files have more of each kind. */
export const ISSUE_13 = shapesOf('issue 13', {
  'case 1: what is written is committed before next(err)': (_req, res, next) => {
    res.write('partial')
    next(boom())
  },
  'case 1: the head is fixed by writeHead': (_req, res) => {
    res.writeHead(200)
    res.setHeader('X-Late', '1')
    res.end()
  },
  'case 1: the status is fixed by writeHead': (_req, res) => {
    res.writeHead(201)
    res.statusCode = 200
    res.end('body')
  },
  'case 1: more than is held, then next(err)': (_req, res, next) => {
    res.write('x'.repeat(100_000))
    next(boom())
  },
  'case 2: a session behind the rule': {
    behind: () => [session()],
    handler: (req, res) => {
      ;(req as never as { session: object }).session = { user: 1 }
      res.json({})
    },
  },
  'case 2: response-time behind the rule': {
    behind: () => [responseTime()],
    handler: (_req, res) => void res.json({}),
  },
  'case 3: a status message that cannot be sent': (_req, res) => {
    res.statusMessage = 'gelöscht ✓'
    res.json({})
  },
  'case 3: status 0': (_req, res) => {
    res.statusCode = 0
    res.json({})
  },
  'case 3: status null': (_req, res) => void res.status(null as never).json({}),
  'case 3: strictContentLength': (_req, res) => {
    res.strictContentLength = true
    res.setHeader('Content-Length', '1')
    res.end('body')
  },
  'case 4: a rejection after the answer': async (_req, res) => {
    res.json({ saved: true })
    await Promise.resolve()
    throw boom()
  },
  'case 4: next(err) after the answer': (_req, res, next) => {
    res.json({ saved: true })
    next(boom())
  },
  'case 7: a number as a chunk': (_req, res) => void res.end(5 as never),
  'case 7: an object as a chunk': (_req, res) => void res.end({} as never),
  'case 8: an old hook on writeHead returns nothing': {
    front: () => [
      (_req, res, next) => {
        onHeaders10(res, () => res.setHeader('X-Hook', '1'))
        next()
      },
    ],
    handler: (_req, res) => void res.json({}),
  },
  'case 14: a header with the text undefined': (_req, res) => {
    res.set('X-A', 'undefined').json({})
  },
  'case 14: Transfer-Encoding: gzip': {
    headers: { Connection: 'close' },
    isNeverPipelined: true,
    handler: (_req, res) => {
      res.writeHead(200, { 'Transfer-Encoding': 'gzip' })
      res.end('body')
    },
  },
  'case 14: headersSent redefined': {
    front: () => [
      (_req, res, next) => {
        Object.defineProperty(res, 'headersSent', { get: () => false, configurable: true })
        next()
      },
    ],
    handler: (_req, res) => void res.json({}),
  },
})
