import type { ErrorRequestHandler, RequestHandler } from 'express'
import { Prisma } from './prisma/generated/client.js'

/** What a client has done wrong. */
export class Failure extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message)
  }
}

/** The row, or a 404. */
export function found<Row>(row: Row | null, what: string): Row {
  if (row === null) throw new Failure(404, `There is no such ${what}`)
  return row
}

/** What the database refused: a row that is not there, one that is there already, one that others need. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = { P2001: 404, P2002: 409, P2003: 409, P2025: 404 }

export const answerNotFound: RequestHandler = (req) => {
  throw new Failure(404, `There is no ${req.method} ${req.path}`)
}

export const answerFailure: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error)
  const status = statusOf(error)
  if (status === undefined) return next(error)
  res.status(status).json({ error: error instanceof Failure ? error.message : 'The database refuses that' })
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof Failure) return error.status
  if (error instanceof Prisma.PrismaClientKnownRequestError) return STATUS_OF_CODE[error.code]
  return undefined
}
