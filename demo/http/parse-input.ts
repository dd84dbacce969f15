import type { IncomingMessage } from 'node:http'
import express, { type RequestHandler, type RequestParamHandler } from 'express'
import { isId } from './fields.js'
import { InvalidInput } from './invalid-input.js'

export const NOT_AN_OBJECT = 'must be a JSON object, sent with Content-Type: application/json'

/** Parses JSON bodies, and lets nothing but objects through: routing-controllers does not validate arrays. */
export const parseBody: RequestHandler[] = [
  express.json({ limit: '100kb' }),
  (req, _res, next) => {
    const isObject = req.body !== undefined && !Array.isArray(req.body)
    if (hasBody(req) && !isObject) throw InvalidInput.of('body', NOT_AN_OBJECT)
    // routing-controllers brings a body-parser of its own; this tells it that the body has been read.
    if (isObject) Object.assign(req, { _body: true })
    next()
  },
]

/**
 * For `app.param('id', …)`: an id has one spelling, and so one cache key. Were `/042` accepted as well, a route
 * that takes its key from the path would keep a second answer, which an update of 42 does not evict.
 */
export const checkId: RequestParamHandler = (_req, _res, next, value) => {
  if (!isId(value)) throw InvalidInput.of('id', 'must be a whole number, from 1 up')
  next()
}

/** RFC 9112, section 6.3: a request has a body if one of these headers says so. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}
