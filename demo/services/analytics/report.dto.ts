import { IsDay, IsOneOf } from '../../http/fields.js'

const REPORT_TYPES = ['sales', 'customers', 'activities'] as const

export type ReportType = (typeof REPORT_TYPES)[number]

/** What `GET /api/reports/:type?startDate&endDate` asks for. */
export class ReportRequest {
  @IsOneOf(REPORT_TYPES)
  type: ReportType

  @IsDay()
  startDate: string

  @IsDay()
  endDate: string
}
