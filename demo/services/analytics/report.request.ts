import { plainToInstance } from 'class-transformer'
import { validate } from 'class-validator'
import type { Request, RequestHandler } from 'express'
import { InvalidInput } from '../../http/invalid-input.js'
import { ReportRequest } from './report.dto.js'

/** Answers 400 to a report that does not exist. It stands before the cache, so a hit is checked as a miss is. */
export const checkReportRequest: RequestHandler = async (req, _res, next) => {
  const request = reportRequestOf(req)
  const errors = await validate(request)
  if (errors.length > 0) throw InvalidInput.from(errors)
  if (request.startDate > request.endDate) {
    throw InvalidInput.of('endDate', 'must not be before startDate')
  }
  next()
}

export function reportRequestOf({ params, query }: Request): ReportRequest {
  const { startDate, endDate } = query
  return plainToInstance(ReportRequest, { type: params.type, startDate, endDate })
}
