import type { Request, RequestHandler } from 'express'
import { Failure } from './failures.js'

/** Who asks. A gateway in front has checked that it is so, which leaves us the number. */
export const readUser: RequestHandler = (req, _res, next) => {
  const number = /^User ([1-9]\d{0,8})$/.exec(req.get('authorization') ?? '')?.[1]
  if (number !== undefined) Object.assign(req, { user: { id: Number(number) } })
  next()
}

/** The number of who asks; 0 where nobody has signed in. */
export function userOf(req: Request): number {
  return (req as { user?: { id: number } }).user?.id ?? 0
}

export const requireUser: RequestHandler = (req, _res, next) => {
  if (userOf(req) === 0) throw new Failure(401, 'Sign in first')
  next()
}

export function param(req: Request, name: string): string {
  return String(req.params[name])
}

export function numberParam(req: Request, name: string): number {
  const text = param(req, name)
  if (!/^\d{1,9}$/.test(text)) throw new Failure(404, `${text} is no number`)
  return Number(text)
}

/** A value of the query, where it is one text. */
export function queried(req: Request, name: string): string | undefined {
  const value = req.query[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** From 0 on. */
export function pageOf(req: Request): number {
  const page = Number(queried(req, 'page') ?? 1)
  if (!Number.isInteger(page) || page < 1 || page > 1_000) throw new Failure(400, 'That is no page')
  return page - 1
}

export function text(req: Request, field: string): string {
  const value = optionalText(req, field)
  if (value === undefined) throw new Failure(400, `${field} is missing`)
  return value
}

export function optionalText(req: Request, field: string): string | undefined {
  const value: unknown = bodyOf(req)[field]
  if (value === undefined) return undefined
  if (typeof value !== 'string' || value.trim() === '') throw new Failure(400, `${field} is no text`)
  return value
}

export function texts(req: Request, field: string): string[] {
  const value: unknown = bodyOf(req)[field] ?? []
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw new Failure(400, `${field} is no list of texts`)
  }
  return value
}

export function optionalNumber(req: Request, field: string): number | null | undefined {
  const value: unknown = bodyOf(req)[field]
  if (value === undefined || value === null) return value
  if (typeof value !== 'number') throw new Failure(400, `${field} is no number`)
  return value
}

export function isSaid(req: Request, field: string): boolean {
  return bodyOf(req)[field] === true
}

function bodyOf(req: Request): Record<string, unknown> {
  return typeof req.body === 'object' && req.body !== null ? req.body : {}
}
