import type { ValidationError } from 'class-validator'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import type { Logger } from 'express-cacheable'
import { HttpError } from 'routing-controllers'
import { type FieldProblem, InvalidInput } from './invalid-input.js'
import { NOT_AN_OBJECT } from './parse-input.js'

interface ErrorAnswer {
  readonly status: number
  readonly body: { readonly error: string; readonly fields?: readonly FieldProblem[] }
}

/** Answers every error of every route as JSON. What we did not foresee is logged, and never shown. */
export function createErrorHandler(logger: Logger): ErrorRequestHandler {
  return (error, req, res, next) => {
    // routing-controllers calls on after it has answered; what later routes then object to concerns no client.
    if (res.writableEnded) return
    // An answer that has begun cannot become another: Express then cuts the connection.
    if (res.headersSent) return next(error)
    const { status, body } = answerTo(error)
    if (status >= 500) logger.error(`${req.method} ${req.path}: ${describe(error)}`)
    if (status === 401) res.set('WWW-Authenticate', 'Bearer')
    res.status(status).set('Cache-Control', 'no-store').json(body)
  }
}

/** Answers what no route took. routing-controllers calls on after it has answered; then there is nothing to do. */
export const answerNotFound: RequestHandler = (req, res) => {
  if (!res.headersSent) res.status(404).json({ error: `There is no ${req.method} ${req.path}` })
}

function answerTo(error: unknown): ErrorAnswer {
  if (error instanceof InvalidInput) return invalid(error.fields)
  if (isInvalidDto(error)) return invalid(InvalidInput.from(error.errors).fields)
  if (error instanceof HttpError) return { status: error.httpCode, body: { error: error.message } }
  return isParserError(error) ? answerToParserError(error) : unforeseen()
}

function invalid(fields: readonly FieldProblem[]): ErrorAnswer {
  return { status: 400, body: { error: 'Invalid input', fields } }
}

function unforeseen(): ErrorAnswer {
  return { status: 500, body: { error: 'Something went wrong on our side' } }
}

/** What routing-controllers throws when class-validator objects to a body or a query. */
function isInvalidDto(error: unknown): error is { errors: ValidationError[] } {
  return error instanceof HttpError && Array.isArray((error as { errors?: unknown }).errors)
}

interface ParserError {
  readonly status: number
  readonly type: string
}

/** What body-parser and Express's router throw for requests they cannot read. */
function isParserError(error: unknown): error is ParserError {
  const status = (error as { status?: unknown } | null)?.status
  return typeof status === 'number' && status >= 400 && status < 500
}

function answerToParserError({ status, type }: ParserError): ErrorAnswer {
  if (type === 'entity.parse.failed') return invalid([{ field: 'body', problem: NOT_AN_OBJECT }])
  if (type === 'entity.too.large') return { status, body: { error: 'The body is too large' } }
  return { status, body: { error: 'The request cannot be read' } }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
